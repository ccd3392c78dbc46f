"""Known and unknown names in a text; no model, no network."""

from saga_agent.linking.bible import Bible, compile_bible
from saga_agent.linking.detector import detect
from saga_agent.linking.linker import link
from saga_agent.linking.mention import Kind, Mention

__all__ = ["Bible", "Kind", "Mention", "compile_bible", "detect", "link"]

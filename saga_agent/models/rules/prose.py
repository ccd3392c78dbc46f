"""A paragraph in the place of a draft, plainly labelled: the offline model cannot write."""

from __future__ import annotations

from collections.abc import Sequence

from saga_agent.models.rules.replies import chosen
from saga_agent.models.rules.scene import Data, RuleInput
from saga_agent.models.rules.wording import DRAFTING, excerpt, keywords

_QUOTE_CHARS = 200


def draft(scene: RuleInput) -> str:
    """A template paragraph from the request, the writer's answers and the best passage found."""
    viewpoint = _viewpoint(scene)
    subject = " ".join(keywords(_request(scene))[:6]) or "the next scene"
    lines = [
        f"{viewpoint} stood where the story had left off, and waited.",
        f"What came next was {subject}; nobody spoke of anything else.",
    ]
    if passage := _passage(scene):
        lines.append(f"The last words on it still held: “{excerpt(str(passage.get('text', '')), chars=_QUOTE_CHARS)}”")
    return "**Offline draft** (from a template, not written by a language model)\n\n" + " ".join(lines)


def _viewpoint(scene: RuleInput) -> str:
    answers = [word for outcome in scene.outcomes if outcome.tool == "ask_question" for word in chosen(outcome)]
    named = scene.names_in(" ".join(answers)) or answers or scene.names_in(scene.text) or list(scene.names)
    return named[0] if named else "Someone"


def _request(scene: RuleInput) -> str:
    found = DRAFTING.search(scene.text)
    return scene.text[found.end() :].split(",")[0].split(".")[0] if found else ""


def _passage(scene: RuleInput) -> Data | None:
    found = [outcome.data.get("passages") or () for outcome in scene.outcomes if outcome.tool == "search_story"]
    passages: Sequence[Data] = [passage for passages in found for passage in passages]
    return passages[0] if passages else None

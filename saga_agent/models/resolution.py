"""From `model=` to a chat model: an object passes through, a text names one."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from saga_agent.domain.given import given
from saga_agent.errors import InvalidInput
from saga_agent.models.servers import find_served_model

if TYPE_CHECKING:  # start-up cost: langchain_core's chat models take half a second
    from langchain_core.language_models import BaseChatModel

_FORMS = (
    '"offline", "offline:tps=20", "openai:NAME", "openrouter:NAME", "openai:NAME@BASE_URL", or a LangChain chat model'
)


def resolve_model(spec: str | BaseChatModel, *, environ: Mapping[str, str] | None = None) -> BaseChatModel:
    """The chat model that a specification names; a chat model is returned as it is.

    Args:
        spec: `"offline"`, `"offline:tps=20"` (words per second), `"openai:NAME"`, `"openrouter:NAME"`,
            `"openai:NAME@BASE_URL"` for any OpenAI-compatible server, or a LangChain chat model.
        environ: Where `OPENAI_API_KEY`, `OPENAI_BASE_URL` and `OPENROUTER_API_KEY` are looked up, by default the
            process's environment.

    Raises:
        InvalidInput: The text has none of these forms, or the key that it needs is missing.
    """
    if not isinstance(spec, str):
        from langchain_core.language_models import BaseChatModel  # start-up cost: half a second

        return given(spec, BaseChatModel, "The model", wanted=f"{_FORMS}, not its class")
    environ = os.environ if environ is None else environ
    provider, _, rest = spec.strip().partition(":")
    if provider == "offline":
        return _offline(spec, rest)
    served = find_served_model(spec, environ)
    if served is None:
        raise _unknown(spec)
    from saga_agent.models.openai import OpenAIModel  # start-up cost: the OpenAI SDK takes a second

    return OpenAIModel.connect(served.name, base_url=served.base_url, api_key=served.api_key)


def _offline(spec: str, options: str) -> BaseChatModel:
    from saga_agent.models.offline import OfflineModel  # start-up cost: langchain_core's chat models

    if not options:
        if spec.strip() != "offline":
            raise _unknown(spec)
        return OfflineModel()
    pace = re.fullmatch(r"tps=(\d+(?:\.\d+)?)", options)
    if pace is None or float(pace[1]) == 0:
        raise _unknown(spec)
    return OfflineModel(tokens_per_second=float(pace[1]))


def _unknown(spec: str) -> InvalidInput:
    return InvalidInput(f"Cannot use {spec!r} as a model; write {_FORMS}.")

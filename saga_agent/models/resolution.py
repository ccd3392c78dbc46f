"""From `model=` to a chat model: an object passes through, a text names one."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from saga_agent.errors import InvalidInput

if TYPE_CHECKING:  # start-up cost: langchain_core's chat models take half a second
    from langchain_core.language_models import BaseChatModel

_FORMS = (
    '"offline", "offline:tps=20", "openai:NAME", "openrouter:NAME", "openai:NAME@BASE_URL", or a LangChain chat model'
)
_OPENAI_URL = "https://api.openai.com/v1"
_OPENROUTER_URL = "https://openrouter.ai/api/v1"
_NAME_AT_URL = re.compile(r"(?P<name>.+?)@(?P<url>https?://[^\s/?#]\S*)")
_PLACEHOLDER_KEY = "none"


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
        return spec
    environ = os.environ if environ is None else environ
    provider, _, rest = spec.strip().partition(":")
    if provider == "offline":
        return _offline(spec, rest)
    if provider == "openrouter" and rest and "@" not in rest:
        return _connect(rest, _OPENROUTER_URL, _required_key("OPENROUTER_API_KEY", spec, environ))
    if provider == "openai" and (parts := _NAME_AT_URL.fullmatch(rest)) and _is_url(parts["url"]):
        return _connect(parts["name"], parts["url"], _key("OPENAI_API_KEY", environ) or _PLACEHOLDER_KEY)
    if provider == "openai" and rest and "@" not in rest:
        return _hosted(spec, rest, environ)
    raise _unknown(spec)


def _hosted(spec: str, name: str, environ: Mapping[str, str]) -> BaseChatModel:
    base_url = environ.get("OPENAI_BASE_URL")
    if base_url:
        if not _is_url(base_url):
            raise InvalidInput(f"OPENAI_BASE_URL is {base_url!r}, which is no http(s) URL; correct or unset it.")
        return _connect(name, base_url, _key("OPENAI_API_KEY", environ) or _PLACEHOLDER_KEY)
    return _connect(name, _OPENAI_URL, _required_key("OPENAI_API_KEY", spec, environ))


def _required_key(variable: str, spec: str, environ: Mapping[str, str]) -> str:
    key = _key(variable, environ)
    if not key:
        raise InvalidInput(f"Model {spec!r} needs an API key: set the environment variable {variable}.")
    return key


def _key(variable: str, environ: Mapping[str, str]) -> str:
    key = environ.get(variable, "").strip()
    if not (key.isascii() and key.isprintable()):
        raise InvalidInput(f"{variable} holds characters that no API key has; copy the key again.")
    return key


def _is_url(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def _connect(name: str, base_url: str, api_key: str) -> BaseChatModel:
    from saga_agent.models.openai import OpenAIModel  # start-up cost: the OpenAI SDK takes a second

    return OpenAIModel.connect(name, base_url=base_url, api_key=api_key)


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

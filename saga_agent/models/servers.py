"""Which server a text such as `openai:NAME@BASE_URL` means, and with which key."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from saga_agent.errors import InvalidInput

_OPENAI_URL = "https://api.openai.com/v1"
_OPENROUTER_URL = "https://openrouter.ai/api/v1"
_NAME_AT_URL = re.compile(r"(?P<name>.+?)@(?P<url>https?://[^\s/?#]\S*)")
_PLACEHOLDER_KEY = "none"


@dataclass(frozen=True, slots=True)
class ServedModel:
    """A model behind an OpenAI-compatible API."""

    name: str
    base_url: str
    api_key: str = field(repr=False)


def find_served_model(spec: str, environ: Mapping[str, str]) -> ServedModel | None:
    """What `openai:NAME`, `openai:NAME@BASE_URL` or `openrouter:NAME` means; None for a text of another form.

    Raises: `InvalidInput` when the key that it needs is missing, or the environment's settings cannot be used.
    """
    provider, _, rest = spec.strip().partition(":")
    if provider == "openrouter" and rest and "@" not in rest:
        return ServedModel(rest, _OPENROUTER_URL, _required_key("OPENROUTER_API_KEY", spec, environ))
    if provider == "openai" and (parts := _NAME_AT_URL.fullmatch(rest)) and is_url(parts["url"]):
        return ServedModel(parts["name"], parts["url"], _key("OPENAI_API_KEY", environ) or _PLACEHOLDER_KEY)
    if provider == "openai" and rest and "@" not in rest:
        return _hosted(spec, rest, environ)
    return None


def is_url(url: str) -> bool:
    """Whether that is the URL of a web server."""
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def _hosted(spec: str, name: str, environ: Mapping[str, str]) -> ServedModel:
    base_url = environ.get("OPENAI_BASE_URL")
    if base_url:
        if not is_url(base_url):
            raise InvalidInput(f"OPENAI_BASE_URL is {base_url!r}, which is no http(s) URL; correct or unset it.")
        return ServedModel(name, base_url, _key("OPENAI_API_KEY", environ) or _PLACEHOLDER_KEY)
    return ServedModel(name, _OPENAI_URL, _required_key("OPENAI_API_KEY", spec, environ))


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

"""Public door of the HTTP face: `create_app`, `create_router`, and what a host's authentication gives."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from saga_agent.errors import MissingExtra

if TYPE_CHECKING:
    from saga_agent.server.app import create_app, create_router
    from saga_agent.server.auth.access import Access
    from saga_agent.server.auth.settings import AuthSettings
    from saga_agent.server.identity import Identity
    from saga_agent.server.quota import TrialSettings
    from saga_agent.server.settings import ServerSettings
    from saga_agent.server.sse import OpenStreams, StreamCut

_HOME_OF = {
    "Access": "auth.access",
    "AuthSettings": "auth.settings",
    "Identity": "identity",
    "OpenStreams": "sse",
    "ServerSettings": "settings",
    "StreamCut": "sse",
    "TrialSettings": "quota",
    "create_app": "app",
    "create_router": "app",
}

__all__ = [
    "Access",
    "AuthSettings",
    "Identity",
    "OpenStreams",
    "ServerSettings",
    "StreamCut",
    "TrialSettings",
    "create_app",
    "create_router",
]


def __getattr__(name: str) -> object:
    if name not in _HOME_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    try:
        module = import_module(f"saga_agent.server.{_HOME_OF[name]}")
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("saga_agent"):
            raise
        raise MissingExtra("The HTTP server", "server") from error
    return getattr(module, name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})

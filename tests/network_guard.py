"""No network in tests: whoever reaches for another machine is stopped, and remembered."""

from __future__ import annotations

import ipaddress
import sys
from typing import Any

_ALLOWED_HOSTS = {"localhost", "", None}

attempts: list[str] = []
"""What was tried; a test whose code swallowed the refusal fails all the same."""


class NetworkRefused(RuntimeError):
    """Code under test reached for another machine."""


def install() -> None:
    """Guards this process to its end; an audit hook sees the sockets of every library, but cannot be taken away."""
    sys.addaudithook(_audit)


def _audit(event: str, arguments: tuple[Any, ...]) -> None:
    if event in ("socket.connect", "socket.sendto", "socket.sendmsg"):
        address = arguments[1]
        if isinstance(address, tuple):  # other families, such as unix sockets, stay on the machine
            _check(event, address[0])
    elif event in ("socket.getaddrinfo", "socket.gethostbyname"):
        _check(event, arguments[0])


def _check(event: str, host: str | bytes | None) -> None:
    name = host.decode() if isinstance(host, bytes) else host
    if name in _ALLOWED_HOSTS or _is_local(str(name)):
        return
    attempts.append(f"{event}: {name}")
    raise NetworkRefused(f"Tests have no network, but {event} was tried with {name!r}; use a server on 127.0.0.1.")


def _is_local(host: str) -> bool:
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified

"""Request bodies: bounded in bytes, values and depth, and read without stopping the event loop."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final, NoReturn

from fastapi import HTTPException, Request
from pydantic import JsonValue
from starlette.types import Message

from saga_agent.domain.plain import mended_json
from saga_agent.offload import off_loop

_INLINE_BYTES: Final = 16 * 1024
"""Up to here, reading is quicker than handing it on."""
_MAX_DEPTH: Final = 64
_HALF: Final = re.compile(rb"\\u[dD][89a-fA-F]")
"""In UTF-8, half of a surrogate pair can come as an escape alone."""
_LARGEST_NUMBER: Final = 10**308
"""Beyond it, numbers are infinite to most who would read them again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BodyLimits:
    """The largest body of a kind of request."""

    max_bytes: int
    max_values: int = 20_000
    """Of all its texts, numbers, lists and objects together."""


class BodyRefused(HTTPException):
    """A body that is too large, or that no route can read."""

    def __init__(self, detail: str, status: HTTPStatus = HTTPStatus.BAD_REQUEST) -> None:
        super().__init__(status, detail)


class BoundedRequest(Request):
    """The same request, with a body within limits; reading another one raises `BodyRefused`, 400 or 413."""

    def __init__(self, request: Request, limits: BodyLimits) -> None:
        super().__init__(request.scope, self._bounded)
        self._whole, self._limits, self._received = request, limits, 0

    async def json(self) -> Any:
        """The JSON of the body."""
        if not hasattr(self, "_json"):
            body = await self.body()
            read = read_json if len(body) <= _INLINE_BYTES else None
            self._json = read(body, self._limits) if read else await off_loop(read_json, body, self._limits)
        return self._json

    async def _bounded(self) -> Message:
        if not self._received and _declared(self) > self._limits.max_bytes:
            self._refuse()
        message = await self._whole.receive()
        self._received += len(message.get("body", b""))
        if self._received > self._limits.max_bytes:
            self._refuse()
        return message

    def _refuse(self) -> NoReturn:
        raise BodyRefused(
            f"The body is larger than {self._limits.max_bytes:,} bytes.", HTTPStatus.REQUEST_ENTITY_TOO_LARGE
        )


def _declared(request: Request) -> int:
    length = request.headers.get("content-length", "0")
    return int(length) if length.isascii() and length.isdigit() and len(length) < 20 else 0


def read_json(body: bytes, limits: BodyLimits) -> JsonValue:
    """The value of a JSON text, mended; `BodyRefused` for one that is none, or holds too much, too deep or too large.

    Values are counted before any is made: parsing a few megabytes of brackets holds the interpreter for a second.
    """
    if _values_at_least(body, limits.max_values) > limits.max_values:
        raise BodyRefused(
            f"The body holds more than {limits.max_values:,} values; send less at once.",
            HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        )
    try:
        value: JsonValue = json.loads(body.decode("utf-8-sig"), parse_constant=_no_constant)
    except UnicodeDecodeError:
        raise BodyRefused("The body is not UTF-8 text.") from None
    except json.JSONDecodeError as error:
        raise BodyRefused(f"The body is not JSON: {error.msg} at character {error.pos + 1}.") from None
    except RecursionError:
        raise BodyRefused(_too_deep()) from None
    except ValueError:  # more digits than Python makes a number of
        raise BodyRefused(_TOO_LARGE) from None
    _check(value)
    return mended_json(value) if _HALF.search(body) else value


_TOO_LARGE: Final = "The body holds a number that is too large; send it as a text."


def _values_at_least(body: bytes, most: int) -> int:
    """How many values it holds, or a number above `most`: by what parts them, outside of its texts."""
    if body.count(b",") + body.count(b"[") + body.count(b"{") < most:
        return 0  # those within texts included
    plain = body.replace(b"\\\\", b"").replace(b'\\"', b"")
    if plain.count(b'"') > 4 * most:  # each value is at most one text, with a name before it
        return most + 1
    outside = b"".join(plain.split(b'"')[::2])
    return 1 + outside.count(b",") + outside.count(b"[") + outside.count(b"{")


def _check(value: JsonValue) -> None:
    level: list[JsonValue] = [value]
    for _ in range(_MAX_DEPTH + 1):
        level = [child for each in level for child in _children(each)]
        if not level:
            return
    raise BodyRefused(_too_deep())


def _children(value: JsonValue) -> Iterable[JsonValue]:
    if isinstance(value, list):
        return value
    if isinstance(value, dict):
        return value.values()
    if isinstance(value, int | float) and not _is_finite(value):
        raise BodyRefused(_TOO_LARGE)
    return ()


def _is_finite(number: float) -> bool:
    return math.isfinite(number) if isinstance(number, float) else abs(number) < _LARGEST_NUMBER


def _too_deep() -> str:
    return f"The body is nested deeper than {_MAX_DEPTH} levels."


def _no_constant(name: str) -> NoReturn:
    raise BodyRefused(f"{name} is no JSON number; leave it out, or send null.")

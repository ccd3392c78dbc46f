"""What a server can be told: which clients it speaks to, and its limits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, get_args

from saga_agent.domain.accounts import NO_LIMITS, StorageLimits

SdkVersion = Literal[5, 6, 7]
"""A major of the npm package `ai`."""
SDK_VERSIONS: tuple[SdkVersion, ...] = get_args(SdkVersion)
SDK_HEADER: Final = "x-saga-sdk"
GUEST_STORAGE: Final = StorageLimits(records=2_000, bytes=20_000_000)
"""A first book and its bible, many times over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerSettings:
    """Settings of the HTTP routes; the defaults suit one writer at home and a small service alike."""

    sdk_version: SdkVersion = 6
    """The clients' AI SDK, where a request does not say it by the header `x-saga-sdk`."""
    max_body_bytes: int = 4 * 1024 * 1024
    """The largest request body; pages send their whole history with a message."""
    max_header_bytes: int = 32 * 1024
    """The largest request head; heeded by apps of `create_app`, elsewhere it is the HTTP server's matter."""
    request_seconds: float = 60.0
    """How long a request may take to arrive, head and body; heeded by `saga serve`."""
    idle_connection_seconds: int = 5
    """How long a connection without a request is kept open; heeded by `saga serve`."""
    allow_http_1_0: bool = False
    """Whether answers are streamed over HTTP/1.0, where one that was cut looks whole to its reader."""
    max_message_characters: int = 50_000
    max_detect_characters: int = 1_000_000
    """The longest text that is looked through for names."""
    user_cpu_seconds_per_minute: float = 30.0
    """What may be computed for one user in each class of requests - turns, changes of the story, finding names - beside
    what models and tools do; twice as much at once. The one writer of a local server has no limit."""
    guest_cpu_seconds_per_minute: float = 3.0
    """The same for one guest, and for all guests of one address."""
    guests_cpu_seconds_per_minute: float = 30.0
    """The same for all guests together."""
    guest_storage: StorageLimits = GUEST_STORAGE
    """What one guest may store, whether the trial is used up or not."""
    user_storage: StorageLimits = NO_LIMITS
    """The same for one user; by default as much as they like. Services and the one local writer have no limit."""
    max_streams_per_owner: int = 20
    """How many answers one owner may follow at once, tabs and devices together."""
    keep_alive_seconds: float = 15.0
    """How long a silent stream goes without a comment."""
    stalled_seconds: float = 60.0
    """How long a reader may take nothing of what is sent, before it is let go; it can ask for the answer again."""
    recovery_wait_seconds: float = 25.0
    """How long a reader of a run whose process died waits for another one, before it gets what there is."""
    allowed_origins: tuple[str, ...] = ()
    """Pages of other origins that may call, e.g. `http://localhost:5173`."""

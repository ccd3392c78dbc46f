"""Identifiers: a kind, an underscore, 26 characters that sort by time (`run_01jd...`)."""

from __future__ import annotations

import base64
import os
import time
import uuid
from typing import Literal

Kind = Literal[
    "prj",
    "doc",
    "ent",
    "rel",
    "fct",
    "men",
    "cap",
    "dec",
    "pro",
    "wai",
    "pre",
    "chg",
    "thr",
    "msg",
    "run",
    "str",
    "req",
    "grt",
    "aud",
    "use",
    "own",
    "job",
]

_NAMESPACE = uuid.UUID("5f0f3f52-6e0a-5d57-9f41-70b4a5e6a1c9")


def new_id(kind: Kind) -> str:
    """A fresh id of that kind; ids made later sort later (to the millisecond)."""
    stamp = (time.time_ns() // 1_000_000).to_bytes(6, "big")
    return f"{kind}_{_encode(stamp + os.urandom(10))}"


def derived_id(kind: Kind, *names: str) -> str:
    """The id that always belongs to these names (uuid5), so that a repeated create is recognised."""
    joined = "\x1f".join(names)
    return f"{kind}_{_encode(uuid.uuid5(_NAMESPACE, joined).bytes)}"


def _encode(raw: bytes) -> str:
    # base32hex keeps the byte order, so ids sort as their time stamps do.
    return base64.b32hexencode(raw).decode("ascii").rstrip("=").lower()

"""What the numbers were measured on."""

from __future__ import annotations

import os
import platform
import sqlite3
from datetime import UTC, datetime
from importlib.metadata import version

_PACKAGES = (
    "saga-agent",
    "langgraph",
    "langgraph-checkpoint-sqlite",
    "langchain-core",
    "langchain-openai",
    "openai",
    "openai-agents",
    "httpx2",
    "sqlalchemy",
)


def describe() -> list[str]:
    """The machine, the interpreter, the packages, and how busy the machine was when this was asked."""
    load = ", ".join(f"{each:.1f}" for each in os.getloadavg())
    return [
        f"{os.cpu_count()} cores ({platform.machine()}), {platform.system()} {platform.release()}",
        f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}",
        ", ".join(f"{name} {version(name)}" for name in _PACKAGES),
        f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC; load averages then: {load}",
    ]

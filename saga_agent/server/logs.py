"""Logs of a server process: one line a record, with the run it belongs to, as text or as JSON."""

from __future__ import annotations

import asyncio
import json
import logging
from datetime import UTC, datetime
from typing import Final

from saga_agent.audiences import without_passwords
from saga_agent.domain.record import JsonObject
from saga_agent.server.sse import CutIsNoFailure

_RUN_TASK: Final = "run "
"""How the task of a run is named, before the run's id."""
_FIELDS: Final = ("run_id", "chat_id", "owner_id")


class RunOfRecord(logging.Filter):
    """Adds `run_id` to what is logged while a run is being worked on."""

    def filter(self, record: logging.LogRecord) -> bool:
        if not hasattr(record, "run_id") and (name := _task_name()).startswith(_RUN_TASK):
            record.run_id = name.removeprefix(_RUN_TASK)
        return True


class JsonLines(logging.Formatter):
    """A JSON object a line: `time`, `level`, `logger`, `message`, the ids there are, and `error` with a traceback."""

    def format(self, record: logging.LogRecord) -> str:
        line: JsonObject = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": without_passwords(record.getMessage()),
        }
        line |= {name: str(value) for name in _FIELDS if (value := getattr(record, name, None)) is not None}
        if record.exc_info:
            line["error"] = without_passwords(self.formatException(record.exc_info))
        return json.dumps(line, ensure_ascii=False)


class TextLines(logging.Formatter):
    """The same for people."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)-7s %(name)s: %(message)s")

    def format(self, record: logging.LogRecord) -> str:
        ids = [f"{name}={value}" for name in _FIELDS if (value := getattr(record, name, None)) is not None]
        return " ".join((without_passwords(super().format(record)), *ids))


def set_up_logs(*, as_json: bool, level: int = logging.INFO) -> None:
    """Sends the process's log to stderr."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonLines() if as_json else TextLines())
    handler.addFilter(RunOfRecord())
    handler.addFilter(CutIsNoFailure())
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for noisy in ("httpx", "httpx2", "httpcore", "asyncio", "uvicorn.access"):
        logging.getLogger(noisy).setLevel(max(level, logging.WARNING))


def _task_name() -> str:
    try:
        task = asyncio.current_task()
    except RuntimeError:  # logged outside of the event loop
        return ""
    return task.get_name() if task is not None else ""

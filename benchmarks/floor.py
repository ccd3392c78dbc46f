"""What the commits of a turn cost at the very least: as many transactions with Python's sqlite3 alone."""

from __future__ import annotations

import sqlite3
import time
from pathlib import Path
from statistics import median

_PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON")
_ROWS_A_COMMIT = 3
_COMMITS = 100


def commit_ms(path: Path, *, rounds: int = 7) -> float:
    """CPU ms of one synchronous commit of three rows of 300 bytes in a table with one index."""
    connection = sqlite3.connect(path, isolation_level=None)
    try:
        for pragma in _PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")
        connection.execute("CREATE TABLE floor (id INTEGER PRIMARY KEY, key TEXT UNIQUE, body TEXT)")
        return 1000 * median(_cpu_seconds(connection, number) for number in range(rounds)) / _COMMITS
    finally:
        connection.close()


def _cpu_seconds(connection: sqlite3.Connection, number: int) -> float:
    started = time.process_time()
    for commit in range(_COMMITS):
        connection.execute("BEGIN IMMEDIATE")
        for row in range(_ROWS_A_COMMIT):
            connection.execute("INSERT INTO floor (key, body) VALUES (?, ?)", (f"{number}/{commit}/{row}", "x" * 300))
        connection.execute("COMMIT")
    return time.process_time() - started

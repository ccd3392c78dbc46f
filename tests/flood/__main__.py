"""`python -m tests.flood --streams 2000`: floods two processes of one database, then tells what must hold.

Exit code 1 when something did not hold: an answer that is not whole, a run begun twice, a question the model was asked
twice. `--database` names another database than a new SQLite file; `postgres` starts a PostgreSQL server for it.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
from pathlib import Path

from tests.flood.flood import Flood, flood
from tests.servers.postgres import postgres_server


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.flood", description=__doc__)
    parser.add_argument("--streams", type=int, default=2_000)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--live-turns", type=int, default=250, help="turns at work at once in each process")
    parser.add_argument("--database", default="sqlite", help="sqlite, postgres, or a URL")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="saga-flood-") as folder:
        given = {
            "folder": Path(folder),
            "streams": arguments.streams,
            "processes": arguments.processes,
            "live_turns": arguments.live_turns,
        }
        if arguments.database == "postgres":
            with postgres_server(durable=True) as fresh:
                outcome = asyncio.run(flood(Flood(database=fresh(), **given)))
        else:
            file = f"sqlite:///{folder}/saga.db"
            database = file if arguments.database == "sqlite" else arguments.database
            outcome = asyncio.run(flood(Flood(database=database, **given)))
        log = (Path(folder) / "servers.log").read_text(encoding="utf-8").splitlines()
    for name, count in sorted(outcome.counts.items()):
        print(f"  {name:<28} {count:>8}")
    for name, seconds in outcome.seconds.items():
        print(f"  {name:<28} {seconds:>8.1f} s")
    print(f"  {'lines in the servers log':<28} {len(log):>8}", *log[:10], sep="\n")
    for sentence in outcome.broken[:50]:
        print(f"BROKEN: {sentence}")
    print(f"{len(outcome.broken)} broken" if outcome.broken else "everything held")
    return 1 if outcome.broken else 0


if __name__ == "__main__":
    sys.exit(main())

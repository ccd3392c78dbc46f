"""`python -m tests.chaos --kills 200 [--database postgres]`: kills processes and breaks storage at random.

Meanwhile readers follow each message whole in every process, and afterwards it is checked what must hold.

Exit code 1 when something did not hold; the seed is printed, though processes never meet twice in the same way.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import secrets
import sys
import tempfile
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from tests.chaos.storm import Weather, storm
from tests.servers.postgres import postgres_server


@contextmanager
def database(name: str, folder: str) -> Generator[str]:
    """The URL of the database of that name."""
    if name == "postgres":
        with postgres_server(durable=True) as fresh:
            yield fresh()
    else:
        yield f"sqlite:///{folder}/saga.db" if name == "sqlite" else name


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--seconds", type=float, default=120.0, help="how long it blows")
    parser.add_argument("--kills", type=int, default=None, help="how many processes are killed, however long it takes")
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--workers", type=int, default=2, help="processes at a time, beside the writer's")
    parser.add_argument("--threads", type=int, default=4, help="conversations in each process")
    parser.add_argument("--fault-rate", type=float, default=0.01, help="share of journal calls that fail")
    parser.add_argument("--database", default="sqlite", help="`sqlite`, `postgres` (both new), or a URL")
    arguments = parser.parse_args()
    seed = arguments.seed if arguments.seed is not None else secrets.randbelow(10**6)
    logging.disable(logging.CRITICAL)  # faults and cut lines are reported by the hundred
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="saga-chaos-") as folder, database(arguments.database, folder) as url:
        weather = Weather(
            url=url,
            folder=Path(folder),
            seconds=arguments.seconds,
            seed=seed,
            workers=arguments.workers,
            threads=arguments.threads,
            fault_rate=arguments.fault_rate,
            kills=arguments.kills,
        )
        verdict = asyncio.run(storm(weather))
    print(f"{arguments.database}, seed {seed}, {time.monotonic() - began:.0f} s")
    for name, count in sorted(verdict.counts.items()):
        print(f"  {name:<34} {count:>8}")
    for sentence in verdict.broken:
        print(f"BROKEN: {sentence}")
    print(f"{len(verdict.broken)} violations" if verdict.broken else "everything held: 0 violations")
    return 1 if verdict.broken else 0


if __name__ == "__main__":
    sys.exit(main())

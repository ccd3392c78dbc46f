"""`python -m tests.chaos --seconds 120`: kills processes and breaks storage at random, then checks what must hold.

Exit code 1 when something did not hold; the seed is printed, though processes never meet twice in the same way.
"""

from __future__ import annotations

import argparse
import asyncio
import secrets
import sys
import tempfile
from pathlib import Path

from tests.chaos.storm import Weather, storm


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--seconds", type=float, default=120.0, help="how long it blows")
    parser.add_argument("--kills", type=int, default=None, help="how many processes are killed, however long it takes")
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--workers", type=int, default=3, help="processes at a time")
    parser.add_argument("--threads", type=int, default=4, help="conversations in each process")
    parser.add_argument("--fault-rate", type=float, default=0.01, help="share of journal calls that fail")
    parser.add_argument("--database", default=None, help="a URL; a new SQLite file by default")
    arguments = parser.parse_args()
    seed = arguments.seed if arguments.seed is not None else secrets.randbelow(10**6)
    with tempfile.TemporaryDirectory(prefix="saga-chaos-") as folder:
        weather = Weather(
            url=arguments.database or f"sqlite:///{folder}/saga.db", folder=Path(folder), seconds=arguments.seconds,
            seed=seed, workers=arguments.workers, threads=arguments.threads, fault_rate=arguments.fault_rate,
            kills=arguments.kills,
        )  # fmt: skip
        verdict = asyncio.run(storm(weather))
    print(f"seed {seed}, {arguments.seconds:g} s")
    for name, count in sorted(verdict.counts.items()):
        print(f"  {name:<20} {count:>8}")
    for sentence in verdict.broken:
        print(f"BROKEN: {sentence}")
    print("broken" if verdict.broken else "everything held")
    return 1 if verdict.broken else 0


if __name__ == "__main__":
    sys.exit(main())

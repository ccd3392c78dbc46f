"""`python -m tests.mutants`: breaks the spine in a sample of places and looks whether the tests notice.

Exit code 1 when fewer than 95 % of what was tried was noticed. A mutant that survives is killed by a new test; one
that changes nothing which could be told goes, with the reason, into `equivalent.toml`.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path
from queue import SimpleQueue

from tests.mutants.mutations import Mutant, draw, places_of, read_equivalents
from tests.mutants.spine import SPINE, Round
from tests.mutants.trial import Bench, Outcome, RedWithoutMutant

ROOT = Path(__file__).parents[2]
_WANTED = 0.95


def main(arguments: Sequence[str] | None = None) -> int:
    asked = _parser().parse_args(arguments)
    spine = {module: rounds for module, rounds in SPINE.items() if not asked.only or any(map(module.count, asked.only))}
    places = {module: places_of(module, (ROOT / module).read_text(encoding="utf-8")) for module in spine}
    known = read_equivalents()
    drawn = draw(places, count=asked.count, seed=asked.seed, known=known)
    total = sum(map(len, places.values()))
    print(f"{len(drawn)} of {total} places in {len(places)} modules, seed {asked.seed}")
    print(f"{len(known)} mutants are known to change nothing")
    try:
        outcomes = _tell(_try_all(drawn, spine, jobs=asked.jobs), len(drawn), asked.out)
    except RedWithoutMutant as error:
        print(error)
        return 1
    return _conclude(outcomes)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.mutants", description=__doc__)
    parser.add_argument("--count", type=int, default=150, help="how many mutants are tried")
    parser.add_argument("--seed", type=int, default=1, help="which ones")
    parser.add_argument("--only", action="append", help="modules whose path contains this; may be repeated")
    parser.add_argument("--jobs", type=int, default=2, help="how many are tried at a time")
    parser.add_argument("--out", type=Path, help="a file to which each outcome is added, as a line of JSON")
    return parser


def _try_all(drawn: Sequence[Mutant], spine: Mapping[str, Sequence[Round]], *, jobs: int) -> Iterator[Outcome]:
    with tempfile.TemporaryDirectory(prefix="saga-mutants-") as folder, ThreadPoolExecutor(jobs) as pool:
        benches: SimpleQueue[Bench] = SimpleQueue()
        for number in range(jobs):
            benches.put(Bench(ROOT, Path(folder) / str(number)))

        def try_out(mutant: Mutant) -> Outcome:
            bench = benches.get()
            try:
                return bench.try_out(mutant, spine[mutant.module])
            finally:
                benches.put(bench)

        yield from pool.map(try_out, drawn)


def _tell(outcomes: Iterator[Outcome], count: int, out: Path | None) -> list[Outcome]:
    told: list[Outcome] = []
    for outcome in outcomes:
        told.append(outcome)
        mutant = outcome.mutant
        print(
            f"[{len(told)}/{count}] {outcome.verdict:8} {outcome.seconds:4.0f} s  {mutant.module}:{mutant.line} "
            f"in {mutant.within}, {mutant.operator}",
            flush=True,
        )
        if out is not None:
            with out.open("a", encoding="utf-8") as file:
                fields = asdict(outcome)
                del fields["mutant"]["code"]
                file.write(f"{json.dumps(fields)}\n")
    return told


def _conclude(outcomes: Sequence[Outcome]) -> int:
    survivors = [each.mutant for each in outcomes if each.verdict == "survives"]
    for mutant in survivors:
        print(f"\n{mutant.module}:{mutant.line} in {mutant.within}")
        print(
            "\n".join(
                [*(f"- {line}" for line in mutant.was.split("\n")), *(f"+ {line}" for line in mutant.now.split("\n"))]
            )
        )
    noticed = len(outcomes) - len(survivors)
    share = noticed / len(outcomes) if outcomes else 1.0
    print(f"\n{noticed} of {len(outcomes)} noticed, {share:.1%}; wanted are {_WANTED:.0%}")
    return 0 if share >= _WANTED else 1


if __name__ == "__main__":
    sys.exit(main())

"""What it costs to start."""

from __future__ import annotations

import resource
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.measure import Topic

_COMMANDS = {
    "bare": ["-c", "pass"],
    "import": ["-c", "import saga_agent"],
    "help": ["-c", "import sys; from saga_agent.cli.main import main; sys.argv = ['saga', '--help']; main()"],
    "app": ["-c", "import saga_agent.app"],
    "langgraph": ["-c", "import langgraph.graph"],
    "agents": ["-c", "import agents"],
}


async def measure(url: str, folder: Path, *, quick: bool) -> Topic:
    """The topic's numbers."""
    rounds = 3 if quick else 11
    topic = Topic("Start-up", f"CPU time over a bare interpreter's, the best of {rounds} rounds, the commands in turn.")
    best = {name: (float("inf"), float("inf")) for name in _COMMANDS}
    for _ in range(rounds):
        for name, arguments in _COMMANDS.items():
            cpu, wall = _run(arguments)
            best[name] = (min(best[name][0], cpu), min(best[name][1], wall))
    bare = best["bare"]
    over = {name: (cpu - bare[0], wall - bare[1]) for name, (cpu, wall) in best.items()}
    for name, what, limit in (("import", "`import saga_agent`", 0.15), ("help", "`saga --help`", 0.4)):
        topic.at_most(what, over[name][0], limit, unit="s", detail=f" (wall {over[name][1]:.2f} s)")
    topic.told("`import saga_agent.app`, all it needs on any turn", f"{over['app'][0]:.2f} s")
    topic.told(
        "`import langgraph.graph`, `import agents` (openai-agents)",
        f"{over['langgraph'][0]:.2f} s, {over['agents'][0]:.2f} s",
    )
    return topic


def _run(arguments: Sequence[str]) -> tuple[float, float]:
    """CPU and wall seconds of one interpreter."""
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL)
    wall, after = time.perf_counter() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, wall

"""The pictures of the page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import matplotlib

if TYPE_CHECKING:
    from benchmarks.growth import Growth
    from benchmarks.over_http.soak import Sample

matplotlib.use("Agg")
import matplotlib.pyplot as plt

_COLOURS = ("#2b5d8a", "#c26a3d")
_STYLE: Any = {
    "font.size": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.alpha": 0.3,
    "svg.hashsalt": "saga-agent",
}


def plot_growth(path: Path, lines: Mapping[str, Growth]) -> None:
    """Stored bytes to content, and CPU per turn, over the turns; both on logarithmic scales."""
    with plt.rc_context(_STYLE):
        figure, (left, right) = plt.subplots(1, 2, figsize=(10, 3.8))
        for (label, line), colour in zip(lines.items(), _COLOURS, strict=True):
            turns = sorted(line.stored)[1:]
            left.plot(turns, [line.stored[turn] / 2**20 for turn in turns], color=colour, label=f"{label}: stored")
            smooth = [_mean(line.cpu[max(0, at - 20) : at + 1]) * 1000 for at in range(len(line.cpu))]
            right.plot(range(1, len(smooth) + 1), smooth, color=colour, label=label)
        longest = max(lines.values(), key=lambda line: len(line.content))
        content = [size / 2**20 for size in longest.content[20:]]
        left.plot(range(20, 20 + len(content)), content, color="#888", linestyle=":", label="content")
        for axes, title in ((left, "MiB on disk"), (right, "CPU ms per turn (mean of 20)")):
            axes.set(yscale="log", xlabel="turn", title=title)
            axes.legend(frameon=False)
        _save(figure, path)


def plot_live(path: Path, times: Mapping[str, Sequence[tuple[float, float]]]) -> None:
    """For each client, when its streams had their first token and their last, as shares of all streams."""
    with plt.rc_context(_STYLE):
        figure, axes = plt.subplots(figsize=(7, 3.8))
        for (label, pairs), colour in zip(times.items(), _COLOURS, strict=True):
            shares = [(number + 1) / len(pairs) for number in range(len(pairs))]
            for which, style in ((0, ":"), (1, "-")):
                seconds = sorted(pair[which] for pair in pairs)
                what = "first token" if which == 0 else "complete"
                axes.plot(seconds, shares, color=colour, linestyle=style, label=f"{label}: {what}")
        axes.set(xlabel="seconds after the start", ylabel="share of the streams")
        axes.legend(frameon=False)
        _save(figure, path)


def plot_soak(path: Path, samples: Sequence[Sample]) -> None:
    """The server's resident memory, from zero, and its open files over the turns."""
    with plt.rc_context(_STYLE):
        figure, (left, right) = plt.subplots(1, 2, figsize=(10, 3.4))
        turns = [sample.turns for sample in samples]
        left.plot(turns, [sample.resident_mib for sample in samples], color=_COLOURS[0])
        right.plot(turns, [sample.open_files for sample in samples], color=_COLOURS[1])
        for axes, title in ((left, "MiB resident"), (right, "open files")):
            axes.set(xlabel="turns", title=title)
            axes.set_ylim(bottom=0)
        _save(figure, path)


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)


def _save(figure: Any, path: Path) -> None:
    figure.tight_layout()
    figure.savefig(path, metadata={"Date": None})
    plt.close(figure)

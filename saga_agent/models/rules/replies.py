"""What the writer answered to a question."""

from __future__ import annotations

from collections.abc import Sequence

from saga_agent.models.rules.scene import Data, ToolOutcome


def chosen(outcome: ToolOutcome) -> list[str]:
    """The answer in words: chosen options by their labels, then free text; empty when the question stayed open."""
    options: Sequence[Data] = outcome.arguments.get("options") or ()
    labels = {option.get("id"): str(option.get("label")) for option in options}
    picked = [labels.get(option_id, str(option_id)) for option_id in outcome.data.get("option_ids") or ()]
    return [*picked, *([str(outcome.data["text"])] if outcome.data.get("text") else [])]

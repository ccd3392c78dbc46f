"""What a turn's extension parts say to a person, in a line."""

from __future__ import annotations

from saga_agent.domain.chunks import Data


def aside(part: Data) -> str:
    """The line for that part; empty for one that says nothing to people."""
    data = part.data if isinstance(part.data, dict) else {}
    match part.type:
        case "data-notice":
            return str(data.get("text", ""))
        case "data-handover":
            return f"{data.get('toAgent')} takes over from {data.get('fromAgent')}."
        case "data-subagent":
            return f"@{data.get('agent')}: {data.get('state')}"
        case _:
            return ""

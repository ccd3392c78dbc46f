"""The rules of the offline model: what it understands, which tools it calls, how it answers."""

"""How a passage reads: metrics, habits of style, and what may confuse a reader."""

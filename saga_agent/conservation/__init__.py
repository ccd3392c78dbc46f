"""The law of conservation: what an import kept and set aside, weighed against the source by a counter of its own."""

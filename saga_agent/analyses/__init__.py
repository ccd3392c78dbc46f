"""Checks and advice over a story, as pure functions: no model, no storage, no network."""

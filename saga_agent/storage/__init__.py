"""Ports that hold what the library keeps, and the adapters that ship with it."""

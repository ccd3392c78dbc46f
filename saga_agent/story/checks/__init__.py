"""Checks of a story: what they look at is loaded here, the engines run, and what was found before is remembered."""

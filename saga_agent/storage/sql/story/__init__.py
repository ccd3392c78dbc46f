"""The story ports on SQL."""

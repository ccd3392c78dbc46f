"""The conformance kit of vector indexes: `all_checks` yields every promise as a check to run on an index."""

from saga_agent.testing.vectors.catalogue import all_checks
from saga_agent.testing.vectors.check import Check, MakeIndex

__all__ = ["Check", "MakeIndex", "all_checks"]

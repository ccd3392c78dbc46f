"""The storage conformance kit: `all_checks` yields every promise of the ports as a check to run on an adapter."""

from saga_agent.testing.storage.catalogue import all_checks
from saga_agent.testing.storage.check import Check, MakeStorage

__all__ = ["Check", "MakeStorage", "all_checks"]

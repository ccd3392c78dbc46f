"""The conformance kit of streams: `all_checks` yields every promise of logs, readers and hubs as a check to run."""

from saga_agent.testing.streams.catalogue import all_checks
from saga_agent.testing.streams.check import Check, MakeStand, Reader, Stand, stand_on

__all__ = ["Check", "MakeStand", "Reader", "Stand", "all_checks", "stand_on"]

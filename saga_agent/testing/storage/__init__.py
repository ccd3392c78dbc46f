"""The storage conformance kit: every promise of the ports as a check to run on an adapter.

`all_checks` want a fresh storage each, `shared_checks` a fresh database that several storages, or processes, open.
"""

from saga_agent.testing.storage.catalogue import all_checks
from saga_agent.testing.storage.check import Check, MakeStorage
from saga_agent.testing.storage.shared import MakeDatabase, OpenStorage, SharedCheck, shared_checks

__all__ = ["Check", "MakeDatabase", "MakeStorage", "OpenStorage", "SharedCheck", "all_checks", "shared_checks"]

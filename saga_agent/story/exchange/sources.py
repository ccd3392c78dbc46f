"""Where records of an import came from: the file, kept as a capture, and the place in it."""

from __future__ import annotations

from saga_agent.domain.record import Provenance, Record
from saga_agent.ids import derived_id

IMPORTED_TAG = "imported"
"""The first tag of a capture that holds an imported file; the second is its format."""


def source_capture_id(project_id: str, file_name: str) -> str:
    """The id of the capture that holds the file."""
    return derived_id("cap", project_id, "source", file_name)


def source_of(file_name: str, key: str) -> Provenance:
    """Where a record comes from that was imported from that place of the file."""
    return Provenance(by="import", source=f"{file_name}#{key}")


def key_in(record: Record, file_name: str) -> str | None:
    """The place in the file that the record was imported from; None for other records."""
    source = record.provenance.source or ""
    prefix = f"{file_name}#"
    return source.removeprefix(prefix) if record.provenance.by == "import" and source.startswith(prefix) else None

"""Where the sample story is, and its bible as typed data."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

from saga_agent.samples.bible import SampleBible

_FOLDER = "saga_agent.samples"


def sample_manuscript_path() -> Path:
    """The file of *The Hollow Crown*, seven chapters in Markdown.

    The package is installed as plain files, so the path is a real one and stays valid.
    """
    return Path(str(files(_FOLDER).joinpath("hollow_crown.md")))


def load_sample_bible() -> SampleBible:
    """The bible of *The Hollow Crown*, with its two deliberate contradictions."""
    return SampleBible.model_validate_json(files(_FOLDER).joinpath("hollow_crown.json").read_bytes())

"""The words of the demo: what the writer says, answers and corrects."""

from __future__ import annotations

from typing import Final

PROJECT: Final = "The Hollow Crown"

MESSAGE: Final = (
    "Draft the crossing at the ferry, with Tove and the child aboard, Reed and O’Shale on the bank. "
    "Ask me whose point of view to take, and add Haldor Venn the ferryman as a character."
)
POINT_OF_VIEW: Final = "Marit Aune"
"""The option the writer takes."""
NOTE: Final = "she counts everything, let her count the pulls on the rope"

NEW_NAME: Final = "Haldor Venn"
ALIASES: Final = ("the ferryman", "the lockkeeper")
"""What the writer adds to the agent's arguments, so that the text's own words are linked."""
LEFT_OUT: Final = ("The ferryman", "the ferryman’s name")
"""Entries of the sample bible that the demo leaves out: the novella never names him, the demo does."""

DATABASE: Final = "demo-output/saga-demo.db"

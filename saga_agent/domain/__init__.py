"""The words of the story and of the journal, as models and pure functions; no I/O."""

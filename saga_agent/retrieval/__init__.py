"""Finding passages of the story for a question."""

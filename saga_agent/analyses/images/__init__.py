"""Finding images by their words and by their looks."""

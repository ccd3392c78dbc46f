"""What a model is shown for a turn, and the manifest that records it."""

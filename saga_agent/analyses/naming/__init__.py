"""New names in the sound of given ones."""

"""New worlds: a seeded skeleton with a conflict in it, and the words that a model puts on it."""

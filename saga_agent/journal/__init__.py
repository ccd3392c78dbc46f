"""Services over the journal, beside those over the story: threads, trees of runs, grants."""

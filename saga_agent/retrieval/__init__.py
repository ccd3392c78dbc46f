"""Finding passages of the manuscript: by their words, and by what they mean."""

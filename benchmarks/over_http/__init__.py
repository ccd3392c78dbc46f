"""The library behind `saga serve`: streams, resumes, hours of turns, and readers that stop reading."""

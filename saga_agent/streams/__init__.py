"""The delta log: writing a message as it grows, and reading it from anywhere."""

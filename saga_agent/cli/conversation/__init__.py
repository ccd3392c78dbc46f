"""A conversation at the command line: playing a turn, answering its requests, the interactive loop."""

"""Executing turns: taking, keeping, pausing, ending and recovering runs."""

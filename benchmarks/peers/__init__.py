"""The same conversation by other means: a bare client, other agent libraries, and ours."""

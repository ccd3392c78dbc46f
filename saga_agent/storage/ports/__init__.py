"""The ports, one file a half: `story`, which a host may own, and `journal`, which is one unit."""

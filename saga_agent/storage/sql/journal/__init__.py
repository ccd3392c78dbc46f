"""The journal on SQL, one file an idea."""

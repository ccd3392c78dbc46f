"""The tables of both engines, and the schema that brings them up to date."""

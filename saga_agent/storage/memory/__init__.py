"""MemoryStorage: the reference adapter, plain dicts to be read as the specification."""

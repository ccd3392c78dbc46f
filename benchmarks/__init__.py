"""The budgets of the library, measured beside its peers: `python -m benchmarks`."""

"""Language models: OpenAI-compatible, offline and scripted."""

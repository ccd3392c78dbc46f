"""A LangGraph checkpoint saver over the journal."""

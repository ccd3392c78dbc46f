"""The turn as a LangGraph state graph."""

"""Canon against canon, and a passage against canon: families of checks with stable codes."""

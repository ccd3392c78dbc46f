"""The story tools, one module per noun."""

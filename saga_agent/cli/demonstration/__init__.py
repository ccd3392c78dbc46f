"""The story that `saga demo` tells."""

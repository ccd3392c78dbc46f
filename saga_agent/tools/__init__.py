"""Tools: registry, policy, gate, and the story tools themselves."""

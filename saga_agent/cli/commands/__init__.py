"""What can be typed: one module per group of verbs. Signatures and wiring only; nothing heavy at module level."""

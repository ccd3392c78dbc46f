"""How things look in a terminal, by noun. Rich lives here."""

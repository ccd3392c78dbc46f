"""What the first migration is made of; like it, never changed once it is released."""

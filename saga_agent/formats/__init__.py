"""Manuscripts and bibles as files."""

"""Services over the story ports: records, import, upkeep of mentions."""

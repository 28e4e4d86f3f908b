"""Reading the history of the archive, as somebody may see it."""

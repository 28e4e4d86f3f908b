"""Who handles a case."""

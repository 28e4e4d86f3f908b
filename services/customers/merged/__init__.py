"""Which customers were merged, and what came from them: for whoever is asked under an old id or number."""

"""How customers are reached; personal, sealed."""

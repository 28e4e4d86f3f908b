"""Early warnings: who is about to leave, for which reasons, until it buys or is lost."""

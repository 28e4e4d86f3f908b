"""Messages: planned, gated, rendered, sent once."""

"""Messages: one per recipient and occasion, planned, listed, woken."""

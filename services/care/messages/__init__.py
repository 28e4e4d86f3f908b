"""Messages: one per recipient and occasion, planned, read, woken; what becomes of them is for `delivery` to say."""

"""Who sees which personal field in full, and what the others see of it."""

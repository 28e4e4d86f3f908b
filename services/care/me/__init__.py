"""What somebody has to do towards customers, and what waits for them."""

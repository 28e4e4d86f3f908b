"""When somebody last spoke with a customer, for who answers a call."""

"""A batch of messages on its way: claimed, delivered, marked."""

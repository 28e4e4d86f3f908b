"""A batch of messages on its way: claimed, handed to providers, marked."""

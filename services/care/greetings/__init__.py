"""Greetings on a customer's occasions."""

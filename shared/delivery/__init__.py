"""Sending to the world outside: providers for e-mail, SMS and webhooks behind one interface (domain 4.3)."""

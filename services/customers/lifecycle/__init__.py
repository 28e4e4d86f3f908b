"""The life cycle of a customer: how far it has come, and whether it goes (domain 2.6)."""

"""Opportunities: what may be sold to a prospect or a customer, how far it is, and what it is worth (domain 2.7)."""

"""Loyalty, credit and size of customers, and what these are called together (domain 2.5)."""

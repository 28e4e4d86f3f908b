"""Customers who are lost: since when, what each costs, how and why they left (domain 2.6)."""

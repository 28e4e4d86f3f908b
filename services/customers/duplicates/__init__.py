"""Customers who may be one and the same: same phone, same sound of the name, same address (domain 2.1)."""

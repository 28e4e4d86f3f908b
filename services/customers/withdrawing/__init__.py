"""Customers who were none: an import had registered them, and is undone before anybody has built on it."""

"""Prospects: who may become a customer, where from, and how they become one (domain 2.7)."""

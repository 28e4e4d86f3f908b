"""Signals of customers: who may rise, who weakens, who may go to a competitor (domain 2.5)."""

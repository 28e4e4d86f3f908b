"""Contracts and their ending, and what is refused of them."""

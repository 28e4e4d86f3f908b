"""Customers who are not to be kept, and whom nobody was winning back."""

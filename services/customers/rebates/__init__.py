"""Rebates that are agreed with customers, and what of them is earned (domain 2.3)."""

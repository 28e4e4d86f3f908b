"""Franchise contracts, the rules that protect the network, and the procedure of ending one (domain 2.2)."""

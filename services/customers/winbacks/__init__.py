"""Winning back who has left: by tier, with a limit for what may be offered (domain 2.6)."""

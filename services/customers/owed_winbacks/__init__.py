"""Whom nobody is winning back though the policy of their tier asks for it (domain 2.6, examples 22)."""

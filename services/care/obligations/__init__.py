"""The obligation matrix: what is owed to which tier by which role (domain 4.1)."""

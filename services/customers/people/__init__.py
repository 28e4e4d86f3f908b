"""The people of a store: who they are, how they are reached, what they do in it (domain 2.1)."""

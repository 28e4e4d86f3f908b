"""Which brands a store holds and sells, and how much of its shelf each has (domain 2.2)."""

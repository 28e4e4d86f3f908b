"""The joint letter that ends a contract, on paper (domain 2.2)."""

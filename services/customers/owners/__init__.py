"""Who owns stores: one owner may have several, and a store may change hands (domain 2.1)."""

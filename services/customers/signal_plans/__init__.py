"""Plans that answer signals: what better service a store gets, and what came of it (domain 2.5)."""

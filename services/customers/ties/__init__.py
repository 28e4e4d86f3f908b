"""What ties a store: what it would lose by leaving, and until when (domain 2.6)."""

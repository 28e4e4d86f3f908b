"""The certificate of an erasure on paper (decision 29)."""

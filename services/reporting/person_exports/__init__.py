"""All that is kept of a person here, for themself (domain 2.1)."""

"""Words by which customers are put together, each with how many have it (domain 2.1)."""

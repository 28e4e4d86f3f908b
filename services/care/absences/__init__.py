"""When colleagues are away and stores are closed, and which misses that excuses (domain 4.1, decision 22b)."""

"""Who keeps archives how completely, and judging archives anew when the weights change (domain 2.1)."""

"""Which messages go now, and what they say."""

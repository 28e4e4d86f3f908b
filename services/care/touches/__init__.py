"""Tasks of one person towards one customer: what they are, how they are kept, read and published."""

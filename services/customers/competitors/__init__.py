"""Who else sells to our customers: their files, what was seen of them in stores, and who is said to order there."""

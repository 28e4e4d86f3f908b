"""What a customer bought: sums over a time, month by month and by brand, and what is left of it (domain 2.3)."""

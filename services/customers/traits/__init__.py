"""What a customer is like: size, staff, what they prefer and need, and kinds that are added (domain 2.1)."""

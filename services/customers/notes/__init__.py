"""What colleagues note of a customer; each note is sealed, and its history stands with the customer's (domain 2.1)."""

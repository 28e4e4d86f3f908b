"""What a customer agreed to, per channel and purpose, and the way out."""

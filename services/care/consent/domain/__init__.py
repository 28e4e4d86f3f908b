"""What a customer agreed to, and the links that lead out."""

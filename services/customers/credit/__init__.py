"""How a customer's credit is rated, and how much of the limit is used."""

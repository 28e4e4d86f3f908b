"""How a customer has been served and pays, beside its tier."""

"""Which products and brands bring how much: of how few of them most of all sales and profit comes (domain 2.5)."""

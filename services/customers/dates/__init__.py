"""Important dates of customers and of people of stores, by the solar or the lunar calendar (domain 2.1)."""

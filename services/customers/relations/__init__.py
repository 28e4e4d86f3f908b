"""Who of the people of stores knows whom, and how (domain 2.1)."""

"""What a store could buy a month, as staff say (domain 2.4)."""

"""What to offer a customer next, by what it buys and what day it is (domain 2.8)."""

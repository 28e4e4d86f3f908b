"""What is done after a contract has ended: a call, the display, the account (domain 2.2)."""

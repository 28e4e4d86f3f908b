"""What is owed after a contract has ended, as care tells it (domain 2.2)."""

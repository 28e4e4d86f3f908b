"""When people come and go: their open tasks find whoever is responsible now (decision 25)."""

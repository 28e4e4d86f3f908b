"""Key accounts: who is one, its score over time, its plan, its risks, and what is left of it."""

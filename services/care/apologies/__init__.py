"""The apology call that an overdue complaint asks for."""

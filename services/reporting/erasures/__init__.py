"""Reporting keeps nothing of persons but figures; that somebody was erased stands with these (decision 29)."""

"""How the days on which somebody bought something are read."""

from typing import Final

DAYS: Final = """
    SELECT DISTINCT (b.occurred_at AT TIME ZONE :zone)::date AS day FROM purchase b
    WHERE b.customer_id = {customer} AND b.reversed_at IS NULL AND b.returns_id IS NULL AND b.amount > b.returned
    ORDER BY day
    """
"""Days on which `{customer}` bought something and kept it, in the company's zone, in order."""

"""What entries cost the company, as SQL: known where every line of an entry says so (domain 2.3)."""

from typing import Final

from shared.statement import with_parts

WITH_LINES: Final = """(
            SELECT l.entry_id FROM purchase_line l
            UNION ALL SELECT r.id FROM purchase_line l JOIN purchase r ON r.returns_id = l.entry_id
        )"""
"""Ids of the entries whose cost may be known, where many are looked at: others need not be asked."""
_OWN: Final = """(SELECT CASE WHEN count(*) = count(l.cost) THEN sum(l.cost) END
        FROM purchase_line l WHERE l.entry_id = {entry}.id)"""
_COST: Final = """CASE WHEN {entry}.returns_id IS NULL THEN {own}
        ELSE -coalesce({own}, (SELECT round({bought} * -{entry}.amount / b.amount, 2)
                               FROM purchase b WHERE b.id = {entry}.returns_id AND b.amount > 0)) END"""


def cost_of(entry: str) -> str:
    """What an entry cost in CNY, null where nobody knows; `entry` is what the purchase is called in the statement.

    Of a return it is negative; one whose own lines do not say it takes its part of what the purchase cost.
    """
    own, bought = with_parts(_OWN, entry=entry), with_parts(_OWN, entry="b")
    return with_parts(_COST, entry=entry, own=own, bought=bought)

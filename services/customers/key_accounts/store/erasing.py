"""What somebody wrote of a customer who is erased goes; and an erased one is no key account any more."""

from typing import Final
from uuid import UUID

from shared.db import Connection
from shared.statement import Statement

_ACCOUNTS: Final = Statement(
    """
    UPDATE key_account k SET words = NULL, end_words = NULL, version = k.version + 1,
        ended_at = coalesce(k.ended_at, a.erased_at), updated_at = a.erased_at
    FROM archive a WHERE a.customer_id = k.customer_id AND k.customer_id = :id
    """
)
"""By hand: it ends with the person, whose archive says when that was."""
_SCORES: Final = Statement("UPDATE key_account_score SET words = NULL WHERE customer_id = :id AND words IS NOT NULL")

_ITEMS: Final = Statement("UPDATE account_plan_item SET words = NULL WHERE customer_id = :id AND words IS NOT NULL")
_RISKS: Final = Statement("UPDATE account_risk SET words = NULL WHERE customer_id = :id AND words IS NOT NULL")


async def forget(transaction: Connection, customer_id: UUID) -> int:
    """Empties it, of a held customer whose archive is emptied; how many places that was."""
    done = [await each.execute(transaction, id=customer_id) for each in (_ACCOUNTS, _SCORES, _ITEMS, _RISKS)]
    return sum(int(each.split()[-1]) for each in done)

"""Key accounts and their scores in the database."""

from dataclasses import asdict, fields
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlmodel import col

from services.customers.key_accounts.domain.accounts import MONTHS, Bought, KeyAccount, KeyAccountScore
from services.customers.key_accounts.tables import KeyAccountRow, KeyAccountScoreRow
from shared.db import Connection
from shared.months import Month
from shared.statement import Reader, Statement, given, insert_one, table, update_many

FIELDS: Final = tuple(field.name for field in fields(KeyAccount))
ACCOUNTS: Final = select(*(table(KeyAccountRow).c[name] for name in FIELDS))
SCORED: Final = tuple(field.name for field in fields(KeyAccountScore))
_ADD: Final = Statement(insert_one(KeyAccountRow, *FIELDS))
_SAVE: Final = Statement(update_many(KeyAccountRow, *FIELDS))
_STANDING: Final = Statement(
    ACCOUNTS.where(col(KeyAccountRow.customer_id) == given("id"), col(KeyAccountRow.ended_at).is_(None)), KeyAccount
)
_ADD_SCORE: Final = Statement(insert_one(KeyAccountScoreRow, *SCORED))
_BOUGHT: Final = Statement(
    """
    WITH brands AS (
        SELECT p.brand_id, sum(p.amount) AS amount FROM purchase p
        WHERE p.customer_id = :id AND p.occurred_at >= :since AND p.reversed_at IS NULL
            AND p.month BETWEEN :running::integer - {months} AND :running::integer - 1
        GROUP BY p.brand_id
    )
    SELECT round(coalesce((SELECT sum(t.amount) FROM month_total t WHERE t.customer_id = :id
            AND t.month BETWEEN :running::integer - {months} AND :running::integer - 1), 0) / {months}, 2) AS monthly,
        round((SELECT max(amount) FILTER (WHERE brand_id IS NOT NULL) / sum(amount)
               FROM brands WHERE amount > 0), 4) AS brand_share,
        (SELECT count(DISTINCT (p.occurred_at AT TIME ZONE :zone)::date)::integer FROM purchase p
            WHERE p.customer_id = :id AND p.occurred_at >= :since AND p.reversed_at IS NULL AND p.amount > 0
                AND p.month BETWEEN :running::integer - {months} AND :running::integer - 1) AS days
    """,
    Bought,
    months=f"{MONTHS:d}",
)
"""By hand: sums of months, and of brands within them. A brand of which as much came back as was bought is none."""


async def bought(reader: Reader, customer_id: UUID, running: Month, zone: ZoneInfo) -> Bought:
    """What a customer bought in the complete months before the running one."""
    [found] = await _BOUGHT.all(
        reader,
        id=customer_id,
        running=running.ordinal,
        since=running.plus(-MONTHS).starts(zone),
        zone=zone.key,
    )
    return found


async def standing(reader: Reader, customer_id: UUID) -> KeyAccount | None:
    """The key account that a customer is; None where it is none."""
    return await _STANDING.one(reader, id=customer_id)


async def add(transaction: Connection, account: KeyAccount) -> None:
    """Adds that a held customer is a key account, which it was not."""
    await _ADD.execute(transaction, **asdict(account))


async def save(transaction: Connection, account: KeyAccount) -> None:
    """Writes a key account of a held customer as it stands."""
    await _SAVE.execute(transaction, **{name: [value] for name, value in asdict(account).items()})


async def add_score(transaction: Connection, score: KeyAccountScore) -> None:
    """Keeps a scoring of a held customer."""
    await _ADD_SCORE.execute(transaction, **asdict(score))

"""Judging everybody: how far a pass has come."""

from collections.abc import Sequence
from dataclasses import asdict, fields
from typing import Final
from uuid import UUID

from services.customers.worth.domain.judging import By
from services.customers.worth.domain.passes import KEEPS, WorthPass
from services.customers.worth.tables import WorthPassRow
from shared.db import Connection
from shared.statement import Reader, Scalar, Statement, insert_one, update_many

_ASKS_PASS: Final = Scalar(
    """
    SELECT EXISTS (SELECT FROM worth_pass WHERE done_at IS NULL)
        OR NOT EXISTS (
            SELECT FROM worth_pass WHERE tier_policy = :tiers::integer AND worth_policy = :worth::integer
                AND fit_id IS NOT DISTINCT FROM :fit::uuid AND keeps >= {keeps}
        )
    """,
    bool,
    keeps=f"{KEEPS:d}",
)
"""By hand: whether one is under way, or none was made by what is judged by now, in one look."""
_PASS_FIELDS: Final = tuple(field.name for field in fields(WorthPass))
_PASS_ADD: Final = Statement(insert_one(WorthPassRow, *_PASS_FIELDS))
_PASS_OPEN: Final = Statement(
    "SELECT {fields} FROM worth_pass WHERE done_at IS NULL FOR UPDATE SKIP LOCKED",
    WorthPass,
    fields=", ".join(_PASS_FIELDS),
)
_PASS_KEEP: Final = Statement(update_many(WorthPassRow, "id", "reached", "judged", "done_at"))
_PASS_STANDS: Final = Scalar("SELECT EXISTS (SELECT FROM worth_pass WHERE done_at IS NULL)", bool)
_PASS_OF_POLICY: Final = Scalar(
    """
    SELECT EXISTS (SELECT FROM worth_pass WHERE tier_policy = :tiers::integer AND worth_policy = :worth::integer
                AND fit_id IS NOT DISTINCT FROM :fit::uuid AND keeps >= {keeps})
    """,
    bool,
    keeps=f"{KEEPS:d}",
)
_CUSTOMERS: Final = Scalar("SELECT count(*) FROM customer", int)
_NEXT_OF_ALL: Final = Scalar(
    "SELECT id FROM customer WHERE :after::uuid IS NULL OR id > :after::uuid ORDER BY id LIMIT :most", UUID
)
_KNOWN: Final = Scalar("SELECT customer_id FROM customer_worth WHERE customer_id = ANY (:ids::uuid[])", UUID)
_ALONE: Final = Statement("SELECT pg_advisory_xact_lock(4018, 71)")


async def asks_pass(reader: Reader, by: By) -> bool:
    """Whether everybody is being judged, or should be."""
    return await _ASKS_PASS.only(reader, tiers=by.tiers, worth=by.worth.version, fit=by.fit)


async def pass_alone(transaction: Connection) -> None:
    """Held by who begins or goes on with judging everybody."""
    await _ALONE.execute(transaction)


async def add_pass(transaction: Connection, new: WorthPass) -> None:
    await _PASS_ADD.execute(transaction, **asdict(new))


async def pass_stands(reader: Reader) -> bool:
    """Whether everybody is being judged."""
    return await _PASS_STANDS.only(reader)


async def has_pass(reader: Reader, by: By) -> bool:
    """Whether everybody was judged by these policies, or is being."""
    return await _PASS_OF_POLICY.only(reader, tiers=by.tiers, worth=by.worth.version, fit=by.fit)


async def hold_pass(transaction: Connection) -> WorthPass | None:
    """The one that is under way; None without one, or while another worker is at it."""
    return await _PASS_OPEN.one(transaction)


async def keep_pass(transaction: Connection, after: WorthPass) -> None:
    await _PASS_KEEP.execute(
        transaction, id=[after.id], reached=[after.reached], judged=[after.judged], done_at=[after.done_at]
    )


async def customers(reader: Reader) -> int:
    """How many customers there are to be judged."""
    return await _CUSTOMERS.only(reader)


async def next_of_all(reader: Reader, after: UUID | None, most: int) -> list[UUID]:
    """Customers in the order of their ids."""
    return await _NEXT_OF_ALL.all(reader, after=after, most=most)


async def known(reader: Reader, ids: Sequence[UUID]) -> set[UUID]:
    """Those who were judged before."""
    return set(await _KNOWN.all(reader, ids=ids))

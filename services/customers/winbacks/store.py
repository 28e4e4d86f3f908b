"""Win-back cases in the database."""

from collections.abc import Mapping
from dataclasses import asdict, fields
from datetime import date
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from services.customers.heads.store.visibility import visible
from services.customers.tiers.store.judging import counted_of, tier_of
from services.customers.tiers.store.policies import version_on
from services.customers.winbacks.domain import APPROVERS, Left, OfferState, Winback, WinbackPolicy
from services.customers.winbacks.tables import ChurnCauseRow, WinbackPolicyRow, WinbackRow
from shared.db import Connection
from shared.statement import Reader, Scalar, Statement, given, insert_one, table, upsert_many

FIELDS: Final = tuple(field.name for field in fields(Winback))
WINBACKS = select(*(table(WinbackRow).c[name] for name in FIELDS))


def winback_of(offer_state: str, **same: Any) -> Winback:
    """The case in a row of WINBACKS."""
    return Winback(offer_state=OfferState(offer_state), **same)


_ADD = Statement(insert_one(WinbackRow, *FIELDS).on_conflict_do_nothing().returning(col(WinbackRow.id)))
_SAVE = Statement(upsert_many(WinbackRow, *FIELDS))
_LOCKED = Statement(
    WINBACKS.where(col(WinbackRow.id) == given("id"), visible("winback.customer_id")).with_for_update(of=WinbackRow),
    winback_of,
)
_LEFT = Statement(
    """
    WITH last AS (
        SELECT max(month) AS month FROM month_total WHERE customer_id = :customer_id AND amount > 0
    ), year AS (
        SELECT coalesce(sum(t.amount), 0) AS bought, coalesce(sum({counted}), 0) AS counted
        FROM month_total t, last, tier_policy p
        WHERE t.customer_id = :customer_id AND t.month > last.month - 12 AND t.month <= last.month
            AND p.version = :policy::integer
    )
    SELECT c.id AS customer_id, y.bought AS yearly,
        least(c.tier, {earned}, (SELECT min(least(t.from_tier, t.to_tier)) FROM tier_change t
                                 WHERE t.customer_id = c.id AND t.at >= l.last_purchase_at - interval '1 year')) AS tier
    FROM year y CROSS JOIN tier_policy p CROSS JOIN customer c LEFT JOIN listing l ON l.customer_id = c.id
    WHERE c.id = :customer_id AND p.version = :policy::integer
    """,
    Left,
    counted=counted_of("p"),
    earned=tier_of("y.counted", "12", "p"),
)
"""By hand: sums of months and the history of tiers together. The year is the twelve months up to the last in which
something was bought. The tier is the best of what stands, what stood in that year, and what its average month earns: a
close after it has lowered the tier of who left, and of a takeover no close was told."""
_CAUSE = Scalar(
    select(col(ChurnCauseRow.code)).where(col(ChurnCauseRow.code) == given("code"), col(ChurnCauseRow.active)), str
)
_APPROVER = Scalar(
    "SELECT id FROM staff WHERE id = :id AND active AND role = ANY(:roles::text[])",
    UUID,
)
_STAFF = Scalar("SELECT id FROM staff WHERE id = :id AND active", UUID)
_HOLD_POLICY = Statement("LOCK TABLE winback_policy IN SHARE ROW EXCLUSIVE MODE")
"""By hand: no builder has it."""
_PRESENT = Statement(
    select(*table(WinbackPolicyRow).c).order_by(col(WinbackPolicyRow.version).desc()).limit(1), WinbackPolicy.kept
)
_ADD_POLICY = Statement(insert_one(WinbackPolicyRow, "version", "id", "definition", "set_at", "set_by"))


async def add(transaction: Connection, case: Winback) -> bool:
    """Adds a case; False where one of the customer is open."""
    return await _ADD.one(transaction, **asdict(case)) is not None


async def save(transaction: Connection, case: Winback) -> None:
    """Writes a held case as it stands."""
    await _SAVE.execute(transaction, **{name: [value] for name, value in asdict(case).items()})


async def locked(transaction: Connection, id_: UUID, *, viewer: UUID | None) -> Winback | None:
    """A case, held until the transaction ends; None also for one whose customer the viewer does not see."""
    return await _LOCKED.one(transaction, id=id_, viewer=viewer)


async def left(reader: Reader, customer_id: UUID, today: date) -> Left:
    """What a held customer was worth before it left, by the tier policy of today."""
    [found] = await _LEFT.all(reader, customer_id=customer_id, policy=await version_on(reader, today))
    return found


async def has_cause(reader: Reader, code: str) -> bool:
    return await _CAUSE.one(reader, code=code) is not None


async def approves(reader: Reader, staff_id: UUID) -> bool:
    """Whether somebody of the directory may approve."""
    return await _APPROVER.one(reader, id=staff_id, roles=list(APPROVERS)) is not None


async def is_staff(reader: Reader, staff_id: UUID) -> bool:
    return await _STAFF.one(reader, id=staff_id) is not None


async def policy(reader: Reader) -> WinbackPolicy:
    """The version that holds now; the migration brings the first."""
    [found] = await _PRESENT.all(reader)
    return found


async def hold_policy(transaction: Connection) -> None:
    """Holds other writers off until the end of the transaction; readers go on."""
    await _HOLD_POLICY.execute(transaction)


async def add_policy(transaction: Connection, policy: WinbackPolicy) -> None:
    row: Mapping[str, Any] = {
        "version": policy.version,
        "id": policy.id,
        "definition": policy.definition(),
        "set_at": policy.set_at,
        "set_by": policy.set_by,
    }
    await _ADD_POLICY.execute(transaction, **row)

"""Win-back cases in the database."""

from collections.abc import Mapping
from dataclasses import asdict, fields
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from services.customers.heads.store.visibility import visible
from services.customers.winbacks.domain import APPROVERS, OfferState, Winback, WinbackPolicy
from services.customers.winbacks.tables import WinbackPolicyRow, WinbackRow
from services.customers.worth_policies.store import versions_of
from shared.db import Connection
from shared.statement import Reader, Scalar, Statement, given, insert_one, table, upsert_many

DISMISSED: Final = """
    c.outcome = 'dismissed' AND (i.last_purchase_at IS NULL OR c.ended_at >= i.last_purchase_at)
    AND NOT EXISTS (SELECT FROM winback n WHERE n.customer_id = c.customer_id AND n.id > c.id)
"""
"""Whether a customer is dismissed by the case `c`, `i` being its listing: until it buys again or is tried anew."""
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
_WHOSE = Scalar("SELECT customer_id FROM winback WHERE id = :id", UUID)
_APPROVER = Scalar(
    "SELECT id FROM staff WHERE id = :id AND active AND role = ANY(:roles::text[])",
    UUID,
)
_IS_OPEN = Scalar(
    select(col(WinbackRow.id)).where(
        col(WinbackRow.customer_id) == given("customer_id"), col(WinbackRow.outcome).is_(None)
    ),
    UUID,
)
_IS_DISMISSED = Scalar(
    """
    SELECT c.id FROM winback c LEFT JOIN listing i ON i.customer_id = c.customer_id
    WHERE c.customer_id = :customer_id AND {dismissed}
    """,
    UUID,
    dismissed=DISMISSED,
)
_STAFF = Scalar("SELECT id FROM staff WHERE id = :id AND active", UUID)
_HOLD_POLICY = Statement("LOCK TABLE winback_policy IN SHARE ROW EXCLUSIVE MODE")
"""By hand: no builder has it."""
_PRESENT = Statement(
    select(*table(WinbackPolicyRow).c).order_by(col(WinbackPolicyRow.version).desc()).limit(1), WinbackPolicy.kept
)
_POLICY_OF = Statement(
    select(*table(WinbackPolicyRow).c).where(col(WinbackPolicyRow.version) == given("version")), WinbackPolicy.kept
)
POLICIES: Final = versions_of("winback_policy", WinbackPolicy.kept)
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


async def whose(reader: Reader, id_: UUID) -> UUID | None:
    """Whose case it is; None where there is none."""
    return await _WHOSE.one(reader, id=id_)


async def is_open(reader: Reader, customer_id: UUID) -> bool:
    """Whether a case of a customer is open."""
    return await _IS_OPEN.one(reader, customer_id=customer_id) is not None


async def is_dismissed(reader: Reader, customer_id: UUID) -> bool:
    """Whether a customer is dismissed by its last case."""
    return await _IS_DISMISSED.one(reader, customer_id=customer_id) is not None


async def approves(reader: Reader, staff_id: UUID) -> bool:
    """Whether somebody of the directory may approve."""
    return await _APPROVER.one(reader, id=staff_id, roles=list(APPROVERS)) is not None


async def is_staff(reader: Reader, staff_id: UUID) -> bool:
    return await _STAFF.one(reader, id=staff_id) is not None


async def policy(reader: Reader) -> WinbackPolicy:
    """The version that holds now; the migration brings the first."""
    [found] = await _PRESENT.all(reader)
    return found


async def policy_of(reader: Reader, version: int) -> WinbackPolicy:
    """A version, which is never taken away."""
    [found] = await _POLICY_OF.all(reader, version=version)
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

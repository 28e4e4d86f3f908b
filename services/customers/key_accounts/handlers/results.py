"""Setting which relationship is aimed for, and keeping what complaints tell of what was given to customers."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from services.customers.context import Context
from services.customers.key_accounts.domain.results import (
    HowMany,
    MarginClass,
    RelationshipLevel,
    RelationshipPolicy,
    check_policy,
)
from services.customers.key_accounts.store import results
from services.customers.scheme import handlers as scheme
from shared import audit
from shared.bus.event import Event
from shared.contracts.complaints import ComplaintCorrected
from shared.contracts.settlements import CompensationGranted, CompensationWithdrawn
from shared.db import Connection
from shared.ids import new_id
from shared.projection import latest
from shared.versions import check_version


async def set_policy(
    context: Context,
    levels: Mapping[HowMany, Mapping[MarginClass, RelationshipLevel]],
    margin_from: Sequence[Decimal],
    customers_from: Sequence[int],
    hourly: Decimal,
    expected_version: int | None,
    *,
    by: UUID,
) -> RelationshipPolicy:
    """Makes the next version. Raises PreconditionRequired, Stale, RelationshipPolicyRefused."""
    async with context.database.transaction() as transaction:
        await results.hold(transaction)
        present = await results.present(transaction)
        check_version(present.version, expected_version)
        now = context.clock.now()
        following = RelationshipPolicy(
            present.version + 1, levels, margin_from, customers_from, hourly, id=new_id(), set_at=now, set_by=by
        )
        check_policy(following)
        await results.add(transaction, following)
        await scheme.announce(context, transaction)
        await audit.enter(transaction, by, "relationship_policy.versioned", following.id)
    return following


async def on_compensation_granted(_: Context, transaction: Connection, events: Sequence[Event]) -> None:
    """Keeps what was given to customers, history too."""
    facts = latest((event.read(CompensationGranted) for event in events), lambda fact: fact.compensation_id)
    if rows := [_row(fact, withdrawn=False) for fact in facts if fact.customer_id is not None]:
        await results.grant(transaction, rows)


async def on_compensation_withdrawn(_: Context, transaction: Connection, events: Sequence[Event]) -> None:
    """It was not given after all."""
    facts = latest((event.read(CompensationWithdrawn) for event in events), lambda fact: fact.compensation_id)
    if rows := [_row(fact, withdrawn=True) for fact in facts if fact.customer_id is not None]:
        await results.withdraw(transaction, rows)


async def on_complaint_corrected(_: Context, transaction: Connection, events: Sequence[Event]) -> None:
    """A case that is another customer's takes along what was given for it."""
    facts = latest((event.read(ComplaintCorrected) for event in events), lambda fact: fact.complaint_id)
    if pairs := [(fact.complaint_id, fact.customer_id) for fact in facts if fact.customer_id is not None]:
        await results.of_another(transaction, pairs)


def _row(fact: CompensationGranted | CompensationWithdrawn, *, withdrawn: bool) -> dict[str, Any]:
    return {
        "compensation_id": fact.compensation_id,
        "customer_id": fact.customer_id,
        "complaint_id": fact.complaint_id,
        "kind": fact.kind,
        "cost": fact.cost,
        "at": fact.at,
        "withdrawn": withdrawn,
    }

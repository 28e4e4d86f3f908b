"""Tier policies in the database."""

from dataclasses import asdict, fields
from datetime import date
from uuid import UUID

from sqlalchemy import Date, false, func, insert, not_, select, update
from sqlmodel import col

from services.customers.tiers.domain.policies import Policy, Terms
from services.customers.tiers.tables import TierPolicyRow
from shared.db import Connection
from shared.statement import Reader, Scalar, Statement, given, table

_POLICY = table(TierPolicyRow).c
POLICIES = select(*(_POLICY[field.name] for field in fields(Policy)))
_GIVEN = ("id", *(field.name for field in fields(Terms)), "announced_on")
_LOCK = Statement("LOCK TABLE tier_policy IN SHARE ROW EXCLUSIVE MODE")
_ADD = Statement(
    insert(TierPolicyRow)
    .from_select(
        ["version", *_GIVEN, "applied"],
        select(
            func.max(col(TierPolicyRow.version)) + 1, *(given(name, _POLICY[name].type) for name in _GIVEN), false()
        ),
    )
    .returning(*POLICIES.selected_columns),
    Policy,
)
_LATEST = select(col(TierPolicyRow.version)).order_by(col(TierPolicyRow.version).desc()).limit(1)
_IN_FORCE = Scalar(_LATEST.where(col(TierPolicyRow.starts_on) <= given("day")), int)
_FOR_MONTH = Scalar(
    _LATEST.where(col(TierPolicyRow.starts_on) <= func.greatest(given("day", Date), col(TierPolicyRow.announced_on))),
    int,
)
_APPLY = Scalar(
    update(TierPolicyRow)
    .values(applied=True)
    .where(not_(col(TierPolicyRow.applied)), col(TierPolicyRow.starts_on) <= given("day"))
    .returning(col(TierPolicyRow.version)),
    int,
)


async def add_policy(transaction: Connection, id_: UUID, terms: Terms, announced_on: date) -> Policy:
    await _LOCK.execute(transaction)
    [policy] = await _ADD.all(transaction, id=id_, **asdict(terms), announced_on=announced_on)
    return policy


async def version_in_force(reader: Reader, day: date) -> int:
    """The policy of a day; a later version supersedes an earlier one once it has started."""
    return await _IN_FORCE.only(reader, day=day)


async def version_for_month(reader: Reader, last_day: date) -> int:
    """The policy that judges a month at its first close.

    A policy announced for a later day judges months that end on that day or after. One that held from the day it was
    recorded, or from before, judges every month closed since: so a takeover is judged by the policy made for it.
    """
    return await _FOR_MONTH.only(reader, day=last_day)


async def apply_started(transaction: Connection, day: date) -> list[int]:
    """Marks policies that have started by `day`; returns their versions."""
    return await _APPLY.all(transaction, day=day)

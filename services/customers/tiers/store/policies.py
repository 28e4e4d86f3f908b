"""Tier policies in the database."""

from dataclasses import asdict, fields
from datetime import date
from uuid import UUID

from sqlalchemy import Date, false, func, insert, not_, select, tuple_, update
from sqlmodel import col

from services.customers.tiers.domain.policies import Policy, Terms
from services.customers.tiers.tables import TierPolicyRow
from shared.db import Connection
from shared.statement import Reader, Scalar, Statement, given, table

_POLICY = table(TierPolicyRow).c
_OTHER = table(TierPolicyRow).alias("other")
_FOLLOWED_ON = (
    select(func.min(_OTHER.c.starts_on))
    .where(tuple_(_OTHER.c.starts_on, _OTHER.c.version) > tuple_(_POLICY.starts_on, _POLICY.version))
    .correlate(table(TierPolicyRow))
    .scalar_subquery()
    .label("followed_on")
)
POLICIES = select(*(_POLICY[field.name] for field in fields(Policy) if field.name != "followed_on"), _FOLLOWED_ON)
_GIVEN = ("id", *(field.name for field in fields(Terms)), "announced_on")
_LOCK = Statement("LOCK TABLE tier_policy IN SHARE ROW EXCLUSIVE MODE")
_ADD = Statement(
    insert(TierPolicyRow).from_select(
        ["version", *_GIVEN, "applied"],
        select(
            func.max(col(TierPolicyRow.version)) + 1, *(given(name, _POLICY[name].type) for name in _GIVEN), false()
        ),
    )
)
_BY_ID = Statement(POLICIES.where(col(TierPolicyRow.id) == given("id")), Policy)
_STARTS = Scalar(select(col(TierPolicyRow.starts_on)), date)
_FIRST_START = select(func.min(_OTHER.c.starts_on)).scalar_subquery()
_ON = Scalar(
    select(col(TierPolicyRow.version))
    .where(col(TierPolicyRow.starts_on) <= func.greatest(given("day", Date), _FIRST_START))
    .order_by(col(TierPolicyRow.starts_on).desc(), col(TierPolicyRow.version).desc())
    .limit(1),
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
    await _ADD.execute(transaction, id=id_, **asdict(terms), announced_on=announced_on)
    [added] = await _BY_ID.all(transaction, id=id_)
    return added


async def policy(reader: Reader, id_: UUID) -> Policy | None:
    return await _BY_ID.one(reader, id=id_)


async def starts(reader: Reader) -> list[date]:
    """The days on which policies start."""
    return await _STARTS.all(reader)


async def version_on(reader: Reader, day: date) -> int:
    """The policy of a day: the one with the latest start by then, among equals the latest version.

    Before the first start it is the first.
    """
    return await _ON.only(reader, day=day)


async def apply_started(transaction: Connection, day: date) -> list[int]:
    """Marks policies that have started by `day`; returns their versions."""
    return await _APPLY.all(transaction, day=day)

"""Customers in the database.

Whoever changes what belongs to customers locks their rows first, in the order of their ids, and only then tasks or
messages; so nobody waits in a circle.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy import Uuid, case, func, select, update
from sqlmodel import col

from services.care.accounts.domain import Account
from services.care.accounts.tables import AccountRow
from shared import aliases
from shared.contracts.customers import Tier
from shared.db import Connection, Database
from shared.statement import Reader, Scalar, Statement, any_given, condition, excluded, given, upsert_many


def _account(id: UUID, kind: str | None, tier: Tier | None, team: Mapping[str, str], served: bool) -> Account:
    return Account(id, kind, tier, {role: UUID(staff) for role, staff in team.items()}, served or bool(team))


_AMONG = col(AccountRow.id) == any_given("ids", Uuid)
_IS_SERVED = condition("(served OR team <> '{}')")
_STANDS = col(AccountRow.erased_at).is_(None)
_ACCOUNTS = select(
    col(AccountRow.id),
    case((_STANDS, col(AccountRow.kind))).label("kind"),
    case((_STANDS, col(AccountRow.tier))).label("tier"),
    col(AccountRow.team),
    col(AccountRow.served),
)
"""Of who was erased neither kind nor tier is known: as of a stub, nothing is planned or entered."""
_FIRST_TIER = {"tier": func.coalesce(col(AccountRow.tier), excluded(AccountRow).tier)}
_HAD_TEAM = {"served": condition("(account.served OR account.team <> '{}')")}

KEEP_REGISTERED = Statement(upsert_many(AccountRow, "id", "kind", "tier", keep=_FIRST_TIER))
"""Kind and first tier of new customers; a tier that is known already stays."""
KEEP_KINDS = Statement(upsert_many(AccountRow, "id", "kind"))
KEEP_TIERS = Statement(upsert_many(AccountRow, "id", "tier"))
KEEP_TEAMS = Statement(upsert_many(AccountRow, "id", "team", keep=_HAD_TEAM))
"""The team that is; a customer who had one is served for good."""
_FOLLOW = Statement(
    """
    UPDATE account m SET tier = k.tier, team = k.team, served = m.served OR k.served
    FROM customer_alias a JOIN account k ON k.id = a.kept_id
    WHERE m.id = a.id AND a.into_id IS NOT NULL AND a.kept_id IN (
        SELECT kept_id FROM customer_alias WHERE id = ANY(:ids::uuid[]) AND into_id IS NOT NULL)
    """
)
"""By hand: from one row to others, by a table that stands in every service."""
_ENSURE = Statement(upsert_many(AccountRow, "id"))
_ERASE = Statement(update(AccountRow).values(erased_at=given("at"), plan_due_at=None).where(_AMONG))
_ERASED = Scalar(select(col(AccountRow.id)).where(_AMONG, col(AccountRow.erased_at).is_not(None)), UUID)
_FIND = Statement(_ACCOUNTS.where(col(AccountRow.id) == given("id")), _account)
_LOCK = Statement(_ACCOUNTS.where(_AMONG).order_by(col(AccountRow.id)).with_for_update(), _account)
_LOCK_FREE = Statement(_ACCOUNTS.where(_AMONG).order_by(col(AccountRow.id)).with_for_update(skip_locked=True), _account)
_PLAN_AT = Statement(
    update(AccountRow)
    .values(plan_due_at=func.least(col(AccountRow.plan_due_at), given("moment")))
    .where(
        col(AccountRow.id).in_(
            select(col(AccountRow.id)).where(_AMONG, _IS_SERVED).order_by(col(AccountRow.id)).with_for_update()
        )
    )
)
_PLANNED = Statement(update(AccountRow).values(plan_due_at=None, matrix_version=given("matrix_version")).where(_AMONG))
_DUE = Scalar(
    select(col(AccountRow.id))
    .where(col(AccountRow.plan_due_at) <= given("now"))
    .order_by(col(AccountRow.plan_due_at))
    .limit(given("most"))
    .with_for_update(skip_locked=True),
    UUID,
)
_OUTDATED = Scalar(
    select(col(AccountRow.id))
    .where(_IS_SERVED, col(AccountRow.plan_due_at).is_(None), col(AccountRow.matrix_version) < given("matrix_version"))
    .order_by(col(AccountRow.matrix_version))
    .limit(given("most"))
    .with_for_update(skip_locked=True),
    UUID,
)
_NEXT_DUE = Scalar(
    select(func.min(col(AccountRow.plan_due_at))).where(col(AccountRow.plan_due_at).is_not(None)), datetime
)


async def ensure(transaction: Connection, ids: Iterable[UUID | None]) -> None:
    """Makes stubs of customers that no event has told of yet (decision 3)."""
    if named := _named(ids):
        await _ENSURE.execute(transaction, id=named)


async def lock(transaction: Connection, ids: Iterable[UUID | None]) -> list[Account]:
    """Locks the rows of known customers among `ids`."""
    named = _named(ids)
    return await _LOCK.all(transaction, ids=named) if named else []


async def erase(transaction: Connection, ids: Collection[UUID], at: datetime) -> None:
    """Holds a customer under all their ids and says that they were erased, heard of or not."""
    await ensure(transaction, ids)
    await lock(transaction, ids)
    await _ERASE.execute(transaction, ids=list(ids), at=at)


async def erased(reader: Reader, ids: Iterable[UUID]) -> set[UUID]:
    """Those of the customers who were erased: nothing of theirs is kept any more."""
    return set(await _ERASED.all(reader, ids=list(ids)))


async def lock_free(transaction: Connection, ids: Iterable[UUID | None]) -> list[Account]:
    """Locks those that nobody else holds at the moment."""
    named = _named(ids)
    return await _LOCK_FREE.all(transaction, ids=named) if named else []


def _named(ids: Iterable[UUID | None]) -> list[UUID]:
    """Each customer once; what concerns nobody has none."""
    return [id_ for id_ in set(ids) if id_]


async def follow(transaction: Connection, merged: Collection[UUID]) -> None:
    """Gives customers who were merged, and those behind them, tier and team of who is kept in the end; all are held."""
    same = await aliases.together(transaction, merged)
    await lock(transaction, (id_ for ids in same.values() for id_ in ids))
    await _FOLLOW.execute(transaction, ids=list(merged))


async def keep_tiers(transaction: Connection, tiers: Mapping[UUID, Tier]) -> None:
    if tiers:
        await KEEP_TIERS.execute(transaction, id=list(tiers), tier=list(tiers.values()))


async def find(reader: Reader, customer_id: UUID) -> Account | None:
    return await _FIND.one(reader, id=customer_id)


async def plan_at(transaction: Connection, ids: Collection[UUID], moment: datetime) -> None:
    """Has the planning loop look at those of them that have had a team, at `moment` or before."""
    if ids:
        await _PLAN_AT.execute(transaction, ids=list(ids), moment=moment)


async def planned(transaction: Connection, ids: Collection[UUID], matrix_version: int) -> None:
    """Notes by which matrix they are planned now."""
    await _PLANNED.execute(transaction, ids=list(ids), matrix_version=matrix_version)


async def due_for_planning(transaction: Connection, now: datetime, matrix_version: int, most: int) -> list[UUID]:
    """Customers to be planned now, locked: those whose moment has come, then those planned by an older matrix.

    Those held by others are left to the next look.
    """
    due = await _DUE.all(transaction, now=now, most=most)
    if len(due) < most:
        due += await _OUTDATED.all(transaction, matrix_version=matrix_version, most=most - len(due))
    return due


async def next_planning(database: Database) -> datetime | None:
    return await _NEXT_DUE.one(database)

"""Keeping competitors' files, and what is seen and said of them in stores."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

from services.customers.competitors import domain, store
from services.customers.competitors.domain import (
    AlreadyWithdrawn,
    Competitor,
    CompetitorNotFound,
    ElsewhereReport,
    ElsewhereReportNotFound,
    Sighting,
    SightingNotFound,
    UnknownCompetitor,
    Withdrawal,
)
from services.customers.context import Context
from services.customers.heads.store import erasing, locks, rows
from services.customers.organisation import store as organisation
from services.customers.signals import handlers as signals
from shared import audit
from shared.db import Connection
from shared.ids import new_id
from shared.references import UnknownCustomer, UnknownStaff
from shared.versions import check_version


async def add(context: Context, said: Mapping[str, Any], *, by: UUID) -> Competitor:
    """Opens a competitor's file. Raises CompetitorTaken."""
    new = Competitor(id=new_id(), version=1, **said, entered_at=context.clock.now(), entered_by=by)
    async with context.database.transaction() as transaction:
        await store.add(transaction, context.words, new)
        await audit.enter(transaction, by, "competitor.entered", new.id)
    return new


async def change(
    context: Context, id_: UUID, said: Mapping[str, Any], expected_version: int | None, *, by: UUID
) -> Competitor:
    """Changes a file. Raises CompetitorNotFound, CompetitorTaken, PreconditionRequired, Stale."""
    async with context.database.transaction() as transaction:
        before = await store.locked(transaction, context.words, id_)
        if before is None:
            raise CompetitorNotFound("no competitor has this id")
        check_version(before.version, expected_version)
        after = replace(before, **said)
        if after == before:
            return before
        after = replace(after, version=before.version + 1)
        await store.save(transaction, context.words, after)
        await audit.enter(transaction, by, "competitor.changed", id_)
    return after


async def see(
    context: Context, competitor_id: UUID, said: Mapping[str, Any], *, by: UUID, viewer: UUID | None
) -> Sighting:
    """Enters what was seen of a competitor in a store.

    Raises CompetitorNotFound, SightingRefused, UnknownCustomer, UnknownStaff, Erased.
    """
    seen = {**said, "seen_by": said["seen_by"] or by, "seen_on": said["seen_on"] or context.today()}
    new = Sighting(id=new_id(), competitor_id=competitor_id, **seen, entered_at=context.clock.now(), entered_by=by)
    domain.check_sighting(new, context.today())
    async with context.database.transaction() as transaction:
        if not await locks.customers(transaction, [new.customer_id], viewer=viewer):
            raise UnknownCustomer("no customer has this id", pointer="#/customer_id")
        await erasing.check(transaction, new.customer_id)
        if not await store.is_there(transaction, competitor_id):
            raise CompetitorNotFound("no competitor has this id")
        if new.seen_by != by and await organisation.role_at_work(transaction, new.seen_by) is None:
            raise UnknownStaff("GET /customers/v1/staff lists colleagues", pointer="#/seen_by")
        await store.add_sighting(transaction, context.words, new)
        await audit.enter(transaction, by, "competitor.seen", new.id)
    return new


async def report(
    context: Context, customer_id: UUID, said: Mapping[str, Any], *, by: UUID, viewer: UUID | None
) -> ElsewhereReport:
    """Enters that a store orders elsewhere; whether that is a signal is looked at there and then.

    Raises CustomerNotFound, UnknownCompetitor, SightingRefused, Erased.
    """
    now, today = context.clock.now(), context.today()
    told_on = said["told_on"] or today
    domain.check_day(told_on, today, "#/told_on")
    new = ElsewhereReport(
        id=new_id(), customer_id=customer_id, **{**said, "told_on": told_on}, reported_at=now, reported_by=by
    )
    async with context.database.transaction() as transaction:
        await rows.locked(transaction, customer_id, viewer=viewer)
        await erasing.check(transaction, customer_id)
        await _check_competitor(transaction, new.competitor_id)
        await store.add_report(transaction, context.words, new)
        await signals.judge(context, transaction, [customer_id])
        await audit.enter(transaction, by, "orders_elsewhere.reported", new.id)
    return new


async def withdraw_sighting(context: Context, id_: UUID, reason: str, *, by: UUID, viewer: UUID | None) -> Sighting:
    """Withdraws what was seen by mistake; it stays in the lists, marked. Raises SightingNotFound, AlreadyWithdrawn."""
    async with context.database.transaction() as transaction:
        seen = await store.locked_sighting(transaction, context.words, id_, viewer=viewer)
        if seen is None:
            raise SightingNotFound("nothing that was seen has this id")
        back = await _withdrawal(context, transaction, seen, reason, by)
        await store.withdraw_sighting(transaction, context.words, id_, back)
        await audit.enter(transaction, by, "competitor.sighting_withdrawn", id_)
    return replace(seen, withdrawn=back)


async def withdraw_report(
    context: Context, id_: UUID, reason: str, *, by: UUID, viewer: UUID | None
) -> ElsewhereReport:
    """Withdraws that a store orders elsewhere; a signal that rests on it alone ends there and then.

    Raises ElsewhereReportNotFound, AlreadyWithdrawn.
    """
    async with context.database.transaction() as transaction:
        told = await store.locked_report(transaction, context.words, id_, viewer=viewer)
        if told is None:
            raise ElsewhereReportNotFound("nothing that was reported has this id")
        back = await _withdrawal(context, transaction, told, reason, by)
        await store.withdraw_report(transaction, context.words, id_, back)
        await signals.judge(context, transaction, [told.customer_id])
        await audit.enter(transaction, by, "orders_elsewhere.withdrawn", id_)
    return replace(told, withdrawn=back)


async def _withdrawal(
    context: Context, transaction: Connection, entered: Sighting | ElsewhereReport, reason: str, by: UUID
) -> Withdrawal:
    """Of who was erased no reason is written. Raises AlreadyWithdrawn."""
    if entered.withdrawn is not None:
        raise AlreadyWithdrawn("who has done so, and why, stands beside it")
    erased = await erasing.is_erased(transaction, entered.customer_id)
    return Withdrawal(context.clock.now(), by, None if erased else reason)


async def _check_competitor(transaction: Connection, id_: UUID | None) -> None:
    if id_ is not None and not await store.is_there(transaction, id_):
        raise UnknownCompetitor("GET /customers/v1/competitors lists them", pointer="#/competitor_id")

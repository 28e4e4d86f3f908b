"""Entering, changing and removing important dates, showing them, and keeping the days on which they fall."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import partial
from typing import Any, Final
from uuid import UUID

from services.customers.changes import store as changes_made
from services.customers.context import Context
from services.customers.dates import domain, store
from services.customers.dates.domain import (
    OF_STORES,
    CalendarDay,
    DateNotFound,
    ImportantDate,
    Occasion,
    OccasionRefused,
    Period,
)
from services.customers.dates.queries import entered
from services.customers.dates.queries.coming import Coming, coming, sees_personal
from services.customers.heads.store import erasing, locks
from services.customers.people.domain import UnknownPerson
from services.customers.people.handlers import Author
from services.customers.standing import store as standing
from shared import audit
from shared.db import Connection
from shared.ids import new_id
from shared.references import CustomerNotFound
from shared.versions import check_version

UNMASKED: Final = "date.unmasked"
"""Somebody was shown a date that is masked for others; the entry names whose it is."""
AT_ONCE: Final = 200
"""Dates of one transaction."""


async def add(
    context: Context, customer_id: UUID, person_id: UUID | None, occasion: Occasion, day: CalendarDay, by: Author
) -> ImportantDate:
    """Enters a date of a customer's or of somebody of theirs. Raises NoSuchDay, CustomerNotFound, Erased,
    UnknownPerson, OccasionRefused, DateStands."""
    today = context.today()
    domain.check(day, today)
    new = ImportantDate(new_id(), 1, customer_id, person_id, occasion, day)
    async with context.database.transaction() as transaction:
        await _hold(transaction, customer_id, by)
        await erasing.check(transaction, customer_id)
        await _check_occasion(transaction, new)
        await store.add(transaction, context.personal, context.traces, new, today.year)
        await _keep(context, transaction, new, None, new.day, by)
        await standing.look_again(transaction, customer_id)
        await audit.enter(transaction, by.id, "date.added", new.id)
    return new


async def change(
    context: Context, customer_id: UUID, id_: UUID, said: Mapping[str, Any], expected_version: int | None, by: Author
) -> ImportantDate:
    """Puts a date right. Raises CustomerNotFound, DateNotFound, PreconditionRequired, Stale, NoSuchDay."""
    today = context.today()
    async with context.database.transaction() as transaction:
        before = await _held(context, transaction, customer_id, id_, by)
        check_version(before.version, expected_version)
        day = replace(before.day, **said)
        domain.check(day, today)
        if day == before.day:
            return before
        after = replace(before, day=day, version=before.version + 1)
        await store.save(transaction, context.personal, context.traces, after, today.year)
        await _keep(context, transaction, after, before.day, after.day, by)
        await audit.enter(transaction, by.id, "date.changed", id_)
    return after


async def remove(context: Context, customer_id: UUID, id_: UUID, by: Author) -> None:
    """Removes a date. Raises CustomerNotFound, DateNotFound."""
    async with context.database.transaction() as transaction:
        before = await _held(context, transaction, customer_id, id_, by)
        await store.remove(transaction, id_)
        await _keep(context, transaction, before, before.day, None, by)
        await standing.look_again(transaction, customer_id)
        await audit.enter(transaction, by.id, "date.removed", id_)


async def show_page(
    context: Context, customer_id: UUID, seen: Collection[str], by: Author, after: UUID | None, most: int
) -> list[ImportantDate]:
    """The dates of a customer for who sees these personal fields in full; whose are personal is entered."""
    read = partial(entered.page, personal=sees_personal(seen), viewer=by.viewer)
    found = await read(context, customer_id, after, most)
    await _enter_shown(context, [each.whose for each in found[: most - 1] if each.personal], by.id)
    return found


async def show_coming(
    context: Context,
    period: Period,
    seen: Collection[str],
    by: Author,
    after: tuple[date, UUID] | None,
    most: int,
) -> list[Coming]:
    """Whose dates fall in a period, likewise. Raises PeriodRefused."""
    found = await coming(context, period, seen, after, most, viewer=by.viewer)
    shown = [each.person_id or each.customer_id for each in found[: most - 1] if each.personal]
    await _enter_shown(context, shown, by.id)
    return found


async def fill(context: Context) -> int:
    """Due work at the turn of a year: the days of the next year to come; for how many dates."""
    async with context.database.transaction() as transaction:
        year = context.today().year
        return await store.fill_next(transaction, context.personal, context.traces, year, AT_ONCE)


async def _enter_shown(context: Context, whose: Sequence[UUID], by: UUID) -> None:
    await audit.enter_many(context.database, by, UNMASKED, list(dict.fromkeys(whose)))


async def _keep(
    context: Context,
    transaction: Connection,
    entry: ImportantDate,
    before: CalendarDay | None,
    after: CalendarDay | None,
    by: Author,
) -> None:
    """What the customer's history keeps of a date, sealed for whose it is."""
    history = [domain.history_of(entry, before, after)]
    sealer, now = await store.sealer_of(transaction, context.personal, entry), context.clock.now()
    whose = entry.person_id
    await changes_made.keep(transaction, entry.customer_id, history, at=now, by=by.id, sealer=sealer, sealed_for=whose)


async def _check_occasion(transaction: Connection, new: ImportantDate) -> None:
    if new.person_id is not None and not await store.hold_person(transaction, new.customer_id, new.person_id):
        raise UnknownPerson("enter the person first", pointer="#/person_id")
    of_store = new.person_id is None and await store.kind_of(transaction, new.customer_id) == "store"
    if of_store != (new.occasion in OF_STORES):
        raise OccasionRefused("stores have openings, people have the other ones", pointer="#/occasion")


async def _hold(transaction: Connection, customer_id: UUID, by: Author) -> None:
    if not await locks.customers(transaction, [customer_id], viewer=by.viewer):
        raise CustomerNotFound("no customer has this id")


async def _held(context: Context, transaction: Connection, customer_id: UUID, id_: UUID, by: Author) -> ImportantDate:
    await _hold(transaction, customer_id, by)
    found = await store.held(transaction, context.personal, customer_id, id_)
    if found is None:
        raise DateNotFound("the customer has no date with this id")
    return found

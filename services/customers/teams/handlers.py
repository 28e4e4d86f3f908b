"""Seating account teams, and giving the seats of somebody who leaves to the successor (domain 1, decision 25)."""

from collections.abc import Mapping
from uuid import UUID

from services.customers.changes import store as changes_made
from services.customers.changes.domain import differences
from services.customers.context import Context
from services.customers.heads.store import locks
from services.customers.teams import domain, events, store
from services.customers.teams.domain import Team
from shared.bus import outbox
from shared.db import Connection
from shared.references import CustomerNotFound
from shared.versions import check_version


async def seat(
    context: Context,
    customer_id: UUID,
    seats: Mapping[str, UUID],
    *,
    expected_version: int | None,
    by: UUID,
    viewer: UUID | None,
) -> Team:
    """Seats the whole team; the expected version is needed when the customer has had one.

    Raises CustomerNotFound, TeamRefused, PreconditionRequired or Stale.
    """
    domain.check_roles(seats)
    now = context.clock.now()
    async with context.database.transaction() as transaction:
        domain.check_staff(seats, await store.roles_at_work(transaction, sorted(set(seats.values()))))
        await locks.customers(transaction, [customer_id])
        before = await store.team(transaction, customer_id, viewer=viewer)
        if before is None:
            raise CustomerNotFound("no customer has this id")
        if before.version is not None:
            check_version(before.version, expected_version)
            if before.seats == seats:
                return before
        version = await store.replace(transaction, customer_id, seats)
        changed = differences(before.seats, seats, prefix=domain.SEAT)
        await changes_made.keep(transaction, customer_id, changed, at=now, by=by)
        await outbox.append(transaction, [events.team_changed(customer_id, seats, version, now)])
        return Team(version, seats)


async def reassign(
    context: Context, transaction: Connection, leaver_id: UUID, successor_id: UUID | None, *, by: UUID
) -> None:
    """Gives the seats of somebody who leaves to the successor, or empties them; each customer's team is announced.

    The caller has locked that person's row and taken the lock for many customers.
    """
    now = context.clock.now()
    customers = await store.reassign(transaction, leaver_id, successor_id, at=now, by=by)
    if customers:
        await store.announce(transaction, customers, now)

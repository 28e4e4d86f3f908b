"""Customers from a file, and stores that a purchases file names by their number only."""

from collections.abc import Sequence
from uuid import UUID

from services.customers.archive.domain import NewCustomer, Profile
from services.customers.archive.handlers import register_many
from services.customers.desk import Desk
from services.customers.imports.store import Job
from shared.db import Connection
from shared.ids import new_id

AT_ONCE = 250
"""Customers that are sealed and told without giving way to other work."""


async def create_stores(desk: Desk, transaction: Connection, numbers: Sequence[str]) -> None:
    """Stores named by their number (decision 13)."""
    now = desk.clock.now()
    for start in range(0, len(numbers), AT_ONCE):
        stores = [
            NewCustomer(new_id(), Profile("store", number, external_no=number), now)
            for number in numbers[start : start + AT_ONCE]
        ]
        await register_many(desk, transaction, stores, historical=True)


async def apply(desk: Desk, job: Job, holder: UUID) -> None:
    raise NotImplementedError

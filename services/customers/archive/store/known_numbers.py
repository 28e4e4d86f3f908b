"""Customers by their external numbers, also by those of who was merged into them."""

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import Text
from sqlmodel import col

from services.customers.archive.domain import Customer
from services.customers.archive.store.customers import CUSTOMERS, by_ids, opened
from services.customers.archive.tables import ArchiveRow
from services.customers.merged import store as merged
from shared.db import Connection
from shared.key_ring import PersonalVault
from shared.statement import Statement, any_given

_BY_NUMBERS = Statement(CUSTOMERS.where(col(ArchiveRow.external_no) == any_given("numbers", Text)))


async def by_numbers(reader: Connection, numbers: Sequence[str], personal: PersonalVault) -> list[Customer]:
    """Customers with one of these external numbers; who was merged, as the one who is kept, by the old number."""
    found = [opened(each, personal) for each in await _BY_NUMBERS.all(reader, numbers=numbers)]
    gone = await merged.by_numbers(reader, numbers)
    kept = {each.id: each for each in await by_ids(reader, list(gone.values()), personal)}
    by_old = (
        replace(kept[id_], profile=replace(kept[id_].profile, external_no=number)) for number, id_ in gone.items()
    )
    return [*found, *by_old]

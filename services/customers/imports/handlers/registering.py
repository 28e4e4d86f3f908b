"""Customers from a file, and stores that a purchases file names by their number only (decision 13)."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from services.customers.archive.domain import NewCustomer, Profile
from services.customers.archive.handlers import register_many
from services.customers.archive.store.known_numbers import by_numbers
from services.customers.context import Context
from services.customers.imports.domain.jobs import Job, Made
from services.customers.imports.domain.lines import CustomerLine
from services.customers.imports.domain.troubles import Fault, Trouble
from services.customers.imports.store import making
from shared.db import Connection
from shared.ids import new_id

AT_ONCE = 250
"""Customers that are sealed and announced without giving way to other work."""

Known = dict[str, tuple[Profile, datetime]]
"""External number -> what stands under it, and since when."""


async def create_stores(context: Context, transaction: Connection, numbers: Sequence[str]) -> None:
    """Stores named by their number."""
    now = context.clock.now()
    await _register(
        context, transaction, [NewCustomer(new_id(), Profile("store", no, external_no=no), now) for no in numbers]
    )


async def register(
    context: Context, transaction: Connection, job: Job, rows: Sequence[CustomerLine]
) -> tuple[int, int, list[Fault]]:
    """Registers whom nobody has registered under that number: how many, how many stand already, whose number is taken.

    A dry run sees numbers that repeat within `rows`, but not beyond them: it has written nothing to compare with.
    """
    now = context.clock.now()
    standing = await by_numbers(transaction, [row.external_no for row in rows], context.personal)
    known: Known = {str(each.profile.external_no): (each.profile, each.registered_at) for each in standing}
    new: list[NewCustomer] = []
    faults: list[Fault] = []
    for row in rows:
        stands = known.get(row.external_no)
        if stands is None:
            customer = _customer(row, now)
            known[row.external_no] = customer.profile, customer.registered_at
            new.append(customer)
        elif not says_the_same(row, *stands):
            faults.append(Fault(row.row, "external_no", Trouble.EXISTS_OTHERWISE))
    if not job.dry_run:
        await _register(context, transaction, new)
        await making.keep(transaction, job.id, [Made(each.id, 1, created=True) for each in new])
    return len(new), len(rows) - len(new) - len(faults), faults


def says_the_same(row: CustomerLine, profile: Profile, registered_at: datetime) -> bool:
    """Whether nothing that the row says differs from what stands; what it does not say is left alone."""
    stands = {
        "name": profile.name,
        "kind": profile.kind,
        "region_id": str(profile.region_id),
        "phones": list(profile.phones),
        "emails": list(profile.emails),
        "address": profile.address,
        "birthday": str(profile.birthday),
        "opened_on": str(profile.opened_on),
        "legal_name": profile.legal_name,
        "licence_no": profile.licence_no,
        "credit_rating": profile.credit_rating,
        "registered_at": registered_at.isoformat(),
    }
    return all(said == stands[name] for name in stands if (said := getattr(row, name)) is not None)


def _customer(row: CustomerLine, now: datetime) -> NewCustomer:
    profile = Profile(
        kind="person" if row.kind == "person" else "store",
        name=row.name,
        external_no=row.external_no,
        region_id=UUID(row.region_id) if row.region_id else None,
        phones=tuple(row.phones or ()),
        emails=tuple(row.emails or ()),
        address=row.address,
        birthday=_day(row.birthday),
        opened_on=_day(row.opened_on),
        legal_name=row.legal_name,
        licence_no=row.licence_no,
        credit_rating=row.credit_rating,
    )
    return NewCustomer(new_id(), profile, datetime.fromisoformat(row.registered_at) if row.registered_at else now)


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


async def _register(context: Context, transaction: Connection, customers: Sequence[NewCustomer]) -> None:
    for start in range(0, len(customers), AT_ONCE):
        await register_many(context, transaction, customers[start : start + AT_ONCE], historical=True)

"""People of stores from a file: somebody of a store is known by the name."""

from collections.abc import Sequence
from uuid import UUID

from services.customers.context import Context
from services.customers.finding.domain import folded
from services.customers.heads.store import locks
from services.customers.imports.domain.jobs import Job, Made
from services.customers.imports.domain.lines import ContactLine
from services.customers.imports.domain.troubles import Fault, Trouble
from services.customers.imports.store import making
from services.customers.people import domain, store
from services.customers.people import handlers as people
from services.customers.people.domain import Person
from services.customers.standing import store as standing
from shared import audit
from shared.db import Connection
from shared.ids import new_id

_SAID = ("job", "phones", "emails", "decides", "pays", "uses")


async def know(
    context: Context, transaction: Connection, job: Job, lines: Sequence[ContactLine]
) -> tuple[int, int, list[Fault]]:
    """Enters people of stores: how many, how many are known with what the row says, what is wrong with the others."""
    owners = await making.customers(transaction, [line.customer_no for line in lines])
    await locks.customers(transaction, list(owners.values()))
    stores = await store.stores_among(transaction, list(owners.values()))
    here = await store.present(transaction, context.personal, list(stores))
    known = {(each.customer_id, folded(each.name)): each for each in here}
    new: list[Person] = []
    faults: list[Fault] = []
    for line in lines:
        shop = owners.get(line.customer_no)
        if shop is None or shop not in stores:
            trouble = Trouble.UNKNOWN_CUSTOMER if shop is None else Trouble.NO_STORE
            faults.append(Fault(line.row, "customer_no", trouble))
            continue
        person, stands = _person(line, shop), known.get((shop, folded(line.name)))
        if stands is None:
            known[shop, folded(line.name)] = person
            new.append(person)
        elif not _says_the_same(line, stands):
            faults.append(Fault(line.row, "name", Trouble.EXISTS_OTHERWISE))
    for each in new:
        await people.enter(context, transaction, each, by=job.created_by)
    await standing.look_again(transaction, *sorted({each.customer_id for each in new}))
    await audit.enter_many(transaction, job.created_by, "person.added", [each.id for each in new])
    await making.keep(transaction, job.id, [Made(each.id, 1, created=True) for each in new])
    return len(new), len(lines) - len(new) - len(faults), faults


def _person(line: ContactLine, shop: UUID) -> Person:
    said = {name: value for name in _SAID if (value := getattr(line, name)) is not None}
    lists = {name: tuple(said[name]) for name in ("phones", "emails") if name in said}
    return domain.changed(Person(new_id(), 1, shop, name=line.name, job="other"), said | lists)


def _says_the_same(line: ContactLine, stands: Person) -> bool:
    """Whether nothing that the row says differs from what is known; what it does not say is left alone."""
    said = _person(line, stands.customer_id)
    return all(getattr(line, name) is None or getattr(said, name) == getattr(stands, name) for name in _SAID)

"""What customers keeps of a person: who they are, what was changed of it, what they bought, and who looked."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any, Final
from uuid import UUID

from services.customers.archive import queries as archive
from services.customers.change_history import queries as changes
from services.customers.context import Context
from services.customers.dates.store import DATES
from services.customers.dates.store import opened as opened_date
from services.customers.opportunities import queries as opportunities
from services.customers.owners import store as owners
from services.customers.people import store as people
from services.customers.prospects import store as prospects
from services.customers.traits import queries as traits
from shared.db import Connection
from shared.person_archive import Section
from shared.references import CustomerNotFound
from shared.statement import Statement

MOST: Final = 10_000
NOBODY: Final[Mapping[str, Section]] = {"profile": [], "traits": [], "changes": []}
_DATES: Final = Statement(DATES + " WHERE coalesce(d.person_id, d.customer_id) = :id ORDER BY d.id")
_FIGURES: Final = {
    "purchases": Statement(
        """
        SELECT id, brand_id, amount, occurred_at, external_no, returns_id, reversed_at FROM purchase
        WHERE customer_id = :id ORDER BY occurred_at, id
        """
    ),
    "tiers": Statement(
        "SELECT from_tier, to_tier, at, cause, total FROM tier_change WHERE customer_id = :id ORDER BY version"
    ),
    "payments": Statement(
        "SELECT id, invoice_no, due_on, amount, paid_on FROM payment WHERE customer_id = :id ORDER BY due_on, id"
    ),
    "team": Statement("SELECT role, staff_id FROM account_team WHERE customer_id = :id ORDER BY role"),
    "looked_at": Statement(
        "SELECT made_at, made_by, what, purpose FROM audit_entry WHERE subject = :id ORDER BY audit_entry.id"
    ),
}
"""What stands in the open beside who they are; who looked at them, by whom and for what, as the audit says it."""


async def sections(context: Context, reader: Connection, person_id: UUID) -> dict[str, Section]:
    """Each section by its name. Raises CustomerNotFound for an id of nobody."""
    found: dict[str, Section] = {name: _rows(await each.all(reader, id=person_id)) for name, each in _FIGURES.items()}
    found["dates"] = [asdict(opened_date(row, context.personal)) for row in await _DATES.all(reader, id=person_id)]
    owner = await owners.read(reader, context.personal, person_id)
    person = await people.read(reader, context.personal, person_id)
    found["owner"] = [asdict(owner)] if owner else []
    found["person"] = [asdict(person)] if person else []
    prospect = await prospects.read(reader, context.personal, person_id, viewer=None)
    found["prospect"] = [asdict(prospect)] if prospect else []
    noted = await prospects.notes(reader, context.personal, person_id)
    found["prospect_notes"] = [asdict(each) for each in noted]
    found["opportunities"] = [asdict(each) for each in await opportunities.of_person(context, reader, person_id)]
    found |= await _of_customer(context, person_id)
    if not (owner or person or prospect or found["profile"]):
        raise CustomerNotFound("no person has this id: no customer, no owner, nobody of a store, no prospect")
    return found


async def _of_customer(context: Context, person_id: UUID) -> Mapping[str, Section]:
    try:
        known = await archive.customer(context, person_id, viewer=None)
    except CustomerNotFound:
        return NOBODY
    if known.profile.kind == "store":
        return NOBODY
    liked = await traits.read(context, person_id, viewer=None)
    changed = await changes.page(context, person_id, None, MOST, viewer=None)
    return {
        "profile": [{**asdict(known), **asdict(known.profile), "profile": None}],
        "traits": [asdict(liked.traits)],
        "changes": [asdict(each) for each in changed],
    }


def _rows(found: Iterable[Any]) -> list[Mapping[str, Any]]:
    return [dict(row.items()) for row in found]

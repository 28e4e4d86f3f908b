"""What customers keeps of a person: who they are, what was changed of it, what they bought, and who looked."""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any, Final
from uuid import UUID

from asyncpg import Record

from services.customers.archive import queries as archive
from services.customers.change_history import queries as changes
from services.customers.context import Context
from services.customers.contract_letters import store as contract_letters
from services.customers.contract_letters.store import KeptLetter
from services.customers.dates.store import DATES
from services.customers.dates.store import opened as opened_date
from services.customers.merged.store import of_all_with_merged
from services.customers.notes import queries as notes
from services.customers.opportunities import queries as opportunities
from services.customers.owners import store as owners
from services.customers.people import store as people
from services.customers.prospects import store as prospects
from services.customers.tags import store as tags
from services.customers.traits import queries as traits
from shared import aliases
from shared.db import Connection
from shared.person_archive import Section
from shared.references import CustomerNotFound
from shared.statement import Statement

AT_ONCE: Final = 500
NOBODY: Final[Mapping[str, Section]] = {"profile": [], "traits": [], "changes": [], "notes": [], "tags": []}
_DATES: Final = Statement(DATES + " WHERE coalesce(d.person_id, d.customer_id) = ANY(:ids::uuid[]) ORDER BY d.id")
_FIGURES: Final = {
    "purchases": Statement(
        """
        SELECT id, brand_id, amount, occurred_at, external_no, order_no, receipt_no, returns_id, reversed_at
        FROM purchase WHERE customer_id = ANY(:ids::uuid[]) ORDER BY occurred_at, id
        """
    ),
    "tiers": Statement(
        "SELECT from_tier, to_tier, at, cause, total FROM ({changes}) h ORDER BY customer_id, version",
        changes=of_all_with_merged("tier_change"),
    ),
    "payments": Statement(
        """
        SELECT id, invoice_no, due_on, amount, paid_on FROM payment
        WHERE customer_id = ANY(:ids::uuid[]) ORDER BY due_on, id
        """
    ),
    "credit_limits": Statement(
        "SELECT amount, set_at, set_by FROM credit_limit WHERE customer_id = ANY(:ids::uuid[]) ORDER BY customer_id"
    ),
    "rebates": Statement(
        """
        SELECT id, brand_id, starts_on, ends_on, steps, agreed_at, withdrawn_at FROM rebate
        WHERE customer_id = ANY(:ids::uuid[]) ORDER BY id
        """
    ),
    "contracts": Statement(
        """
        SELECT id, brand_id, region_id, starts_on, ends_on, external_no, signed_at, withdrawn_at FROM contract
        WHERE customer_id = ANY(:ids::uuid[]) ORDER BY id
        """
    ),
    "signals": Statement(
        """
        SELECT id, kind, tier, reasons, began_at, ended_at, cause FROM signal
        WHERE customer_id = ANY(:ids::uuid[]) ORDER BY id
        """
    ),
    "team": Statement("SELECT role, staff_id FROM account_team WHERE customer_id = ANY(:ids::uuid[]) ORDER BY role"),
    "relations": Statement(
        """
        SELECT id, from_id, to_id, kind, entered_at FROM relation
        WHERE from_id = ANY(:ids::uuid[]) OR to_id = ANY(:ids::uuid[]) ORDER BY id
        """
    ),
    "looked_at": Statement(
        """
        SELECT made_at, made_by, what, purpose FROM audit_entry
        WHERE subject = ANY(:ids::uuid[]) ORDER BY audit_entry.id
        """
    ),
}
"""What stands in the open beside who they are; who looked at them, by whom and for what, as the audit says it."""


def _rows_of(columns: str, place: str) -> Statement[Record]:
    """Rows of a customer that are sealed for themselves."""
    return Statement(
        "SELECT id AS sealed_for, {columns} FROM {place} WHERE customer_id = ANY(:ids::uuid[]) ORDER BY id",
        columns=columns,
        place=place,
    )


_WORDS: Final = {
    "contract_steps": Statement(
        """
        SELECT s.contract_id AS sealed_for, s.contract_id, s.step, s.done_at, s.done_by, s.words
        FROM contract_step s JOIN contract c ON c.id = s.contract_id
        WHERE c.customer_id = ANY(:ids::uuid[]) ORDER BY s.contract_id, s.done_at
        """
    ),
    "contract_corrections": Statement(
        """
        SELECT r.id AS sealed_for, r.contract_id, r.made_at, r.made_by, r.reason AS words
        FROM contract_correction r JOIN contract c ON c.id = r.contract_id
        WHERE c.customer_id = ANY(:ids::uuid[]) ORDER BY r.id
        """
    ),
    "overrides": Statement(
        """
        SELECT o.id AS sealed_for, o.tier, o.until, o.set_at, o.set_by, o.words FROM tier_override o
        WHERE o.customer_id = ANY(:ids::uuid[]) ORDER BY o.id
        """
    ),
    "segment_overrides": Statement(
        """
        SELECT o.id AS sealed_for, o.dimension, o.score, o.until, o.set_at, o.set_by, o.words FROM segment_override o
        WHERE o.customer_id = ANY(:ids::uuid[]) ORDER BY o.id
        """
    ),
    "reversals": Statement(
        """
        SELECT r.purchase_id AS sealed_for, r.purchase_id, r.reversed_at, r.reversed_by, r.words
        FROM purchase_reversal r JOIN purchase p ON p.id = r.purchase_id
        WHERE p.customer_id = ANY(:ids::uuid[]) ORDER BY r.purchase_id
        """
    ),
    "account_plan": _rows_of("kind, amount, due_on, assignee_id, state, words", "account_plan_item"),
    "account_risks": _rows_of("kind, likelihood, impact, entered_at, closed_at, words", "account_risk"),
    "key_accounts": Statement(
        """
        SELECT k.id AS sealed_for, k.named_at, k.assignee_id, k.ended_at, k.words
        FROM key_account k WHERE k.customer_id = ANY(:ids::uuid[]) ORDER BY k.id
        """
    ),
    "key_account_ends": Statement(
        """
        SELECT k.id AS sealed_for, k.ended_at, k.end_words AS words
        FROM key_account k WHERE k.customer_id = ANY(:ids::uuid[]) AND k.ended_at IS NOT NULL ORDER BY k.id
        """
    ),
    "key_account_scores": _rows_of("scored_at, scored_by, criteria, score, words", "key_account_score"),
    "winback_offers": Statement(
        """
        SELECT w.id AS sealed_for, w.id AS winback_id, w.opened_at, w.kind, w.cause, w.offer, w.offer_words AS words
        FROM winback w WHERE w.customer_id = ANY(:ids::uuid[]) ORDER BY w.id
        """
    ),
    "winback_ends": Statement(
        """
        SELECT w.id AS sealed_for, w.id AS winback_id, w.ended_at, w.outcome, w.end_words AS words
        FROM winback w WHERE w.customer_id = ANY(:ids::uuid[]) AND w.outcome IS NOT NULL ORDER BY w.id
        """
    ),
    "winback_corrections": Statement(
        """
        SELECT w.id AS sealed_for, w.id AS winback_id, w.corrected_at, w.corrected_from, w.correction_words AS words
        FROM winback w WHERE w.customer_id = ANY(:ids::uuid[]) AND w.corrected_at IS NOT NULL ORDER BY w.id
        """
    ),
    "dismissals": _rows_of("decided_at, decided_by, means, words", "dismissal"),
    "competitors_seen": _rows_of("seen_on, competitor_id, brand, price, seen_by, words", "competitor_sighting"),
    "potentials": _rows_of("amount, said_at, said_by, words", "potential"),
    "signal_plans": Statement(
        """
        SELECT p.id AS sealed_for, p.signal_id, p.opened_at, p.opened_by, p.outcome, p.words
        FROM signal_plan p WHERE p.customer_id = ANY(:ids::uuid[]) ORDER BY p.id
        """
    ),
    "signal_plan_ends": Statement(
        """
        SELECT p.id AS sealed_for, p.signal_id, p.closed_at, p.closed_by, p.end_words AS words
        FROM signal_plan p WHERE p.customer_id = ANY(:ids::uuid[]) AND p.outcome IS NOT NULL ORDER BY p.id
        """
    ),
    "signal_measures": Statement(
        """
        SELECT m.id AS sealed_for, m.plan_id, m.due_on, m.staff_id, m.words
        FROM signal_measure m JOIN signal_plan p ON p.id = m.plan_id
        WHERE p.customer_id = ANY(:ids::uuid[]) ORDER BY m.id
        """
    ),
    "signal_measures_done": Statement(
        """
        SELECT m.id AS sealed_for, m.plan_id, m.done_at, m.done_by, m.done_words AS words
        FROM signal_measure m JOIN signal_plan p ON p.id = m.plan_id
        WHERE p.customer_id = ANY(:ids::uuid[]) AND m.done_at IS NOT NULL ORDER BY m.id
        """
    ),
    "orders_elsewhere": Statement(
        """
        SELECT e.id AS sealed_for, e.told_on, e.competitor_id, e.reported_by, e.words
        FROM elsewhere_report e WHERE e.customer_id = ANY(:ids::uuid[]) ORDER BY e.id
        """
    ),
    "withdrawn": Statement(
        """
        SELECT id AS sealed_for, withdrawn_at, withdrawn_by, withdrawal_words AS words FROM competitor_sighting
        WHERE customer_id = ANY(:ids::uuid[]) AND withdrawn_at IS NOT NULL UNION ALL
        SELECT id, withdrawn_at, withdrawn_by, withdrawal_words FROM elsewhere_report
        WHERE customer_id = ANY(:ids::uuid[]) AND withdrawn_at IS NOT NULL UNION ALL
        SELECT id, withdrawn_at, withdrawn_by, withdrawal_words FROM dismissal
        WHERE customer_id = ANY(:ids::uuid[]) AND withdrawn_at IS NOT NULL ORDER BY 1
        """
    ),
    "ties": Statement(
        """
        SELECT t.id AS sealed_for, t.entered_at, t.kind, t.ends_on, t.benefit, t.ended_at, t.entered_by, t.words
        FROM tie t WHERE t.customer_id = ANY(:ids::uuid[]) ORDER BY t.id
        """
    ),
    "losses": Statement(
        """
        SELECT l.id AS sealed_for, l.lost_on, l.kind, l.cause, l.yearly, l.cost, l.returned_on, l.said_by, l.words
        FROM loss l WHERE l.customer_id = ANY(:ids::uuid[]) AND l.withdrawn_at IS NULL ORDER BY l.id
        """
    ),
}
"""What somebody wrote about them, sealed for the row that `sealed_for` names."""


async def sections(context: Context, person_id: UUID) -> dict[str, Section]:
    """Each section by its name, under every id of who was merged. Raises CustomerNotFound for an id of nobody."""
    async with context.database.connection() as reader:
        ids = await aliases.all_ids(reader, person_id)
        found = await _beside(context, reader, person_id, ids)
    found |= await _of_customer(context, ids[0])
    if not (found["owner"] or found["person"] or found["prospect"] or found["profile"]):
        raise CustomerNotFound("no person has this id: no customer, no owner, nobody of a store, no prospect")
    return found


async def letters(context: Context, person_id: UUID) -> dict[str, KeptLetter]:
    """Joint letters that went out to them, by the name of the file."""
    async with context.database.connection() as reader:
        sent = await contract_letters.of_customers(reader, context.words, await aliases.all_ids(reader, person_id))
    return {f"contract_letters/{each.contract_id}-{each.language}.pdf": each for each in sent}


async def _beside(context: Context, reader: Connection, person_id: UUID, ids: Sequence[UUID]) -> dict[str, Section]:
    """What is kept of them beside the archive; the connection is free again when that is read."""
    found: dict[str, Section] = {name: _rows(await each.all(reader, ids=ids)) for name, each in _FIGURES.items()}
    found |= {name: _opened(context, await each.all(reader, ids=ids)) for name, each in _WORDS.items()}
    found["dates"] = [asdict(opened_date(row, context.personal)) for row in await _DATES.all(reader, ids=ids)]
    as_owner = [person_id, *await owners.as_customer(reader, ids[0])]
    known = [await owners.read(reader, context.personal, each) for each in dict.fromkeys(as_owner)]
    person = await people.read(reader, context.personal, person_id)
    found["owner"] = [asdict(owner) for owner in known if owner is not None]
    found["person"] = [asdict(person)] if person else []
    prospect = await prospects.read(reader, context.personal, person_id)
    found["prospect"] = [asdict(prospect)] if prospect else []
    found["prospect_notes"] = [asdict(each) for each in await prospects.notes(reader, context.personal, person_id)]
    found["opportunities"] = [asdict(each) for each in await opportunities.of_person(context, reader, person_id)]
    return found


async def _of_customer(context: Context, person_id: UUID) -> Mapping[str, Section]:
    try:
        known = await archive.customer(context, person_id, viewer=None)
    except CustomerNotFound:
        return NOBODY
    if known.profile.kind == "store":
        return NOBODY
    changed = await _every(lambda before: changes.page(context, person_id, before, AT_ONCE, viewer=None))
    noted = await _every(lambda before: notes.page(context, person_id, before, AT_ONCE, viewer=None))
    return {
        "profile": [{**asdict(known), **asdict(known.profile), "profile": None}],
        "traits": [asdict((await traits.read(context, person_id, viewer=None)).traits)],
        "changes": [asdict(each) for each in changed],
        "notes": [asdict(each) for each in noted],
        "tags": [asdict(each) for each in await tags.tags_of(context.database, person_id)],
    }


async def _every(page: Callable[[UUID | None], Awaitable[Sequence[Any]]]) -> list[Any]:
    """All of a list that is read page by page, whose items have ids."""
    found: list[Any] = []
    while part := await page(found[-1].id if found else None):
        found += part
    return found


def _opened(context: Context, rows: Iterable[Any]) -> list[Mapping[str, Any]]:
    opened: list[Mapping[str, Any]] = []
    for row in map(dict, (each.items() for each in rows)):
        id_, words = row.pop("sealed_for"), row["words"]
        opened.append({**row, "words": None if words is None else context.words.open(words, id_.bytes).decode()})
    return opened


def _rows(found: Iterable[Any]) -> list[Mapping[str, Any]]:
    return [dict(row.items()) for row in found]

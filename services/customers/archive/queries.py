"""Reads of the archive that answer requests."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, Final
from uuid import UUID

from asyncpg import Record
from sqlalchemy import Uuid, select
from sqlmodel import col

from services.customers.archive.domain import Beside, Customer, Filters, Listed, Sort, Wanted
from services.customers.archive.store import pages, sealing
from services.customers.archive.store.customers import CUSTOMERS, opened
from services.customers.archive.tables import ArchiveRow
from services.customers.context import Context
from services.customers.credit.domain import limit_use
from services.customers.early_warnings.domain.warnings import ReadWarning
from services.customers.finding import queries as finding
from services.customers.heads.store.visibility import visible
from services.customers.heads.tables import CustomerRow
from services.customers.merged import store as merged
from services.customers.owners import store as owners
from services.customers.segments.store import profit_of
from services.customers.teams.domain import Colleague
from services.customers.worth.domain.standing import NEW, Standing
from shared import aliases
from shared.db import Connection
from shared.money import ZERO
from shared.months import Month
from shared.plans import planned_by_values
from shared.references import CustomerNotFound
from shared.statement import Reader, Statement, any_given, given

_BY_ID = Statement(CUSTOMERS.where(col(CustomerRow.id) == given("id"), visible("customer.id")))
_NUMBERS = Statement(
    select(col(ArchiveRow.customer_id), col(ArchiveRow.external_no)).where(
        col(ArchiveRow.customer_id) == any_given("ids", Uuid)
    )
)


_BESIDE = Statement(
    """
    SELECT (SELECT r.name FROM region r WHERE r.id = a.region_id) AS region_name,
        ARRAY(SELECT ROW(t.role, s.id, s.name) FROM account_team t JOIN staff s ON s.id = t.staff_id
              WHERE t.customer_id = a.customer_id ORDER BY t.role) AS team,
        coalesce(l.updated_at, a.registered_at) AS updated_at,
        (SELECT y.amount FROM potential y WHERE y.customer_id = a.customer_id ORDER BY y.id DESC LIMIT 1) AS potential,
        (SELECT sum(i.amount) FROM payment i
         WHERE i.customer_id = a.customer_id AND i.paid_on IS NULL AND i.withdrawn_at IS NULL) AS owed,
        (SELECT x.amount FROM credit_limit x WHERE x.customer_id = a.customer_id) AS credit_limit,
        a.name AS customer_name, e.id AS warning_id, e.version AS warnings, e.raised_on, e.raised_at, e.reasons, e.tie,
        e.policy_version AS warned_by, e.policy_id AS warned_by_id, e.since AS warned_since, e.noticed_at,
        w.loyalty, w.credit, w.size, w.value, w.loyalty_score, w.credit_score, w.monthly,
        round({profit}, 2) AS profit, w.policy_version, w.policy_id
    FROM archive a LEFT JOIN listing l ON l.customer_id = a.customer_id
    LEFT JOIN customer_worth w ON w.customer_id = a.customer_id
    LEFT JOIN early_warning e ON e.customer_id = a.customer_id AND e.ended_at IS NULL
    WHERE a.customer_id = :id
    """,
    profit=profit_of("w.yearly", "w.costed", "w.cost"),
)
"""By hand: names from several tables in one round trip."""


COUNTED: Final = 10_000
"""Up to so many are counted, which is soon done however many there are."""
NOBODY = UUID(int=0)
"""Before whom there is nobody."""


@dataclass(frozen=True, slots=True)
class Counted:
    """How many there are, or that there are `more` than that."""

    count: int
    more: bool


async def customer(context: Context, customer_id: UUID, *, viewer: UUID | None) -> Customer:
    """Raises CustomerNotFound, also for a customer whom the viewer does not see."""
    found = await _BY_ID.one(context.database, id=customer_id, viewer=viewer)
    if found is None:
        raise CustomerNotFound("no customer has this id")
    return opened(found, context.personal)


async def beside(context: Context, customer: Customer) -> Beside:
    """The names of what has an id, the team, and when it was last changed."""
    found = await _BESIDE.one(context.database, id=customer.id)
    if found is None:
        raise CustomerNotFound("no customer has this id")
    owner = await owners.read(context.database, context.personal, customer.owner_id) if customer.owner_id else None
    team = {role: Colleague(id_, name) for role, id_, name in found["team"]}
    warned = _warned(found, customer.id)
    return Beside(
        found["region_name"],
        owner.name if owner else None,
        team,
        found["updated_at"],
        _standing(found),
        warned,
        found["potential"],
        limit_use(found["owed"] or ZERO, found["credit_limit"]),
    )


def _warned(found: Record, customer_id: UUID) -> ReadWarning | None:
    if found["warning_id"] is None:
        return None
    names = ("raised_on", "raised_at", "reasons", "tie", "customer_name", "noticed_at")
    same = {name: found[name] for name in names}
    by = {"policy_version": found["warned_by"], "policy_id": found["warned_by_id"], "since": found["warned_since"]}
    return ReadWarning.kept(id=found["warning_id"], version=found["warnings"], customer_id=customer_id, **same, **by)


def _standing(found: Record) -> Standing:
    """What a customer is; where nobody has judged it yet, what somebody is of whom nothing is known."""
    if found["loyalty"] is None:
        return Standing.of_new()
    return Standing(*(found[field.name] for field in fields(Standing)))


async def page(context: Context, filters: Filters, after: UUID | None, most: int) -> list[Listed]:
    """Customers in the order of their registration, whatever they are called."""
    return await _read(context, context.database, narrowed(filters, after), most)


async def count(context: Context, filters: Filters, in_full: Collection[str]) -> Counted | None:
    """How many customers somebody finds who sees these fields in full, up to a bound; None where whose a phone or an
    e-mail is would be looked up, which is entered."""
    filters = await with_numbers_of_kept(context, filters)
    query, sought = filters.query, dict[str, object]()
    if query is not None and sealing.look_up_sought(context.traces, query, in_full) is not None:
        return None
    if query is not None:
        sought = _sought(context, query, in_full)
    values = {**narrowed(filters, None), **sought}
    async with planned_by_values(context.database) as reader:
        statement = pages.counted(await _forms(context, reader, values, "registered"))
        found = await statement.only(reader, **values, bound=COUNTED + 1)
    return Counted(min(found, COUNTED), found > COUNTED)


async def with_numbers_of_kept(context: Context, filters: Filters) -> Filters:
    """What is sought, where it is the number of a customer who was merged: the number of the one who is kept."""
    asked = [number for number in (filters.external_no, filters.query) if number is not None]
    if not asked or not await aliases.known(context.database):
        return filters
    present = await _present_numbers(context, asked)
    return replace(
        filters,
        external_no=present.get(filters.external_no or "", filters.external_no),
        query=present.get(filters.query or "", filters.query),
    )


async def _present_numbers(context: Context, numbers: Sequence[str]) -> dict[str, str]:
    """Of the numbers those of customers who were merged -> that of the one who is kept."""
    gone = await merged.by_numbers(context.database, numbers)
    found = await _NUMBERS.all(context.database, ids=list(gone.values())) if gone else []
    present = {row["customer_id"]: row["external_no"] for row in found}
    return {number: present[id_] for number, id_ in gone.items() if present.get(id_)}


async def named(
    context: Context, reader: Connection, filters: Filters, in_full: Collection[str], after: UUID | None, most: int
) -> list[Listed]:
    """The same of those whose name says the query or sounds like it, or who have it as number or full name; `in_full`
    are the personal fields by which they may be found.

    `reader` is in a transaction that plans by values: how many have a part of a name no general plan knows.
    """
    sought = _sought(context, filters.query or "", in_full)
    values = {**narrowed(filters, after), **sought}
    if await finding.are_met_often(context, values):
        met = await _read(context, reader, {**values, "walked_from": after or NOBODY}, most)
        if len(met) == most:
            return met
    return await _read(context, reader, values, most)


async def in_order(context: Context, reader: Reader, wanted: Wanted, in_full: Collection[str]) -> list[Listed]:
    """Customers in another order than that of registration, those without its key last, by id.

    Of those with a part of a name, `reader` is as for `named`.
    """
    sort, after, most = wanted.sort, wanted.after, wanted.most
    values = narrowed(wanted.filters, None)
    if wanted.filters.query is not None:
        values |= _sought(context, wanted.filters.query, in_full)
    forms = await _forms(context, reader, values, sort)
    if sort == "month_sum":
        values["running"] = context.running_month().ordinal
    found: list[Listed] = []
    if after is None or after[0] is not None:
        begin = {} if after is None else {"after_key": pages.SORTS[sort].read(after[0]), "after": UUID(after[1])}
        statement = pages.sorted_page(forms, sort, keyed=True, goes_on=after is not None, turned=wanted.turned).limited(
            most
        )
        found = [_listed(context, row, row["sort_key"]) for row in await statement.all(reader, **values, **begin)]
        after = None
    if len(found) < most:
        begin = {} if after is None else {"after": UUID(after[1])}
        statement = pages.sorted_page(forms, sort, keyed=False, goes_on=after is not None).limited(most)
        rows = await statement.all(reader, **values, **begin)  # one statement for a size of page, whatever is left
        found += [_listed(context, row, None) for row in rows[: most - len(found)]]
    return found


async def _forms(
    context: Context, reader: Reader, values: Mapping[str, object], sort: Sort
) -> tuple[tuple[str, pages.Form], ...]:
    """How each condition is asked: who are few are found first, where many are left each is looked at in turn."""
    names = [name for name in pages.CONDITIONS if name in values]
    if pages.NARROW.intersection(names):
        return tuple((name, "plain" if name in pages.NARROW or name == "query" else "walked") for name in names)
    forms: list[tuple[str, pages.Form]] = []
    for name in names:
        if name == "query":
            forms.append((name, "walked" if await finding.are_met_often(context, values) else "gathered"))
        elif sort in {name, pages.RANGED.get(name)}:
            forms.append((name, "plain"))  # its index is that of the order
        elif pages.may_be_gathered(name):
            left = await pages.left_by(name).only(reader, **{name: values[name]}, bound=pages.FEW + 1)
            forms.append((name, "gathered" if left <= pages.FEW else "walked"))
        else:
            forms.append((name, "walked"))
    return tuple(forms)


def _sought(context: Context, query: str, in_full: Collection[str]) -> dict[str, object]:
    vault = context.traces
    traces = sealing.traces_sought(vault, query, in_full) + sealing.licences_sought(vault, query, in_full)
    return finding.values_sought(query, traces)


def narrowed(filters: Filters, after: UUID | None) -> dict[str, object]:
    """What a page is narrowed by, and the values of that."""
    values = {field.name: getattr(filters, field.name) for field in fields(filters)}
    for name, new in NEW.items():
        if values[name] == new:
            values[name], values[f"unknown_{name}"] = None, new
    if filters.warned is False:
        values["warned"], values["unwarned"] = None, True
    return {name: value for name, value in {**values, "after": after}.items() if value is not None}


async def _read(context: Context, reader: Reader, values: Mapping[str, object], most: int) -> list[Listed]:
    names = [name for name in pages.CONDITIONS if name in values]
    if "walked_from" in values:
        names.remove("query")
    found = await pages.page(tuple(names)).all(reader, **values, most=most)
    return [_at(context, each, (each["id"],)) for each in found]


def looked_up(context: Context, row: Record, wanted: Wanted) -> Listed:
    """The customer in a row of a look-up, which finds in the order of registration; its place is one in the order that
    was asked for, since who sees what is sought masked goes on in that."""
    return _at(context, row, (row["id"],) if wanted.by_id else (None, row["id"]))


def _listed(context: Context, row: Record, key: object) -> Listed:
    return _at(context, row, (key, row["id"]))


def _at(context: Context, row: Record, place: tuple[Any, ...]) -> Listed:
    return Listed(
        opened(row, context.personal),
        row["region_name"],
        row["updated_at"] or row["registered_at"],
        row["last_purchase_at"],
        Month.at(row["month"]) if row["month"] is not None else None,
        row["month_sum"],
        place,
    )

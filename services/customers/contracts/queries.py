"""Reading contracts, with names of what has an id."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import date, datetime
from functools import cache
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from services.customers.aftercare import store as aftercare
from services.customers.aftercare.domain import AftercareTask
from services.customers.context import Context
from services.customers.contracts import store
from services.customers.contracts.domain.contracts import Contract, Correction, NetworkRules
from services.customers.contracts.domain.refusals import ContractNotFound
from services.customers.contracts.store import FIELDS
from services.customers.contracts.tables import ContractCorrectionRow
from services.customers.heads.store.visibility import sees
from shared.contracts.network import EndingStep
from shared.ids import FROM_THE_END
from shared.moments import day_begins
from shared.statement import Statement, given, table


@dataclass(frozen=True, slots=True)
class ReadContract:
    """A contract with names; of a customer who is a person there is none."""

    contract: Contract
    customer_name: str | None
    brand_name: str
    grade: str
    region_name: str
    said: Mapping[EndingStep, str] = field(default_factory=dict)
    """What was said or agreed at the steps of its ending."""
    aftercare: Sequence[AftercareTask] = ()

    @property
    def id(self) -> UUID:
        return self.contract.id


def _read(customer_name: str | None, brand_name: str, grade: str, region_name: str, **fields: Any) -> ReadContract:
    return ReadContract(Contract(**fields), customer_name, brand_name, grade, region_name)


_SELECT = """
    SELECT {columns}, a.name AS customer_name, b.name AS brand_name, b.grade, r.name AS region_name
    FROM contract c JOIN archive a ON a.customer_id = c.customer_id JOIN brand b ON b.id = c.brand_id
        JOIN region r ON r.id = c.region_id
    WHERE {where} AND {seen}
    """
_COLUMNS = ", ".join(f"c.{name}" for name in FIELDS)
_ONE = Statement(_SELECT, _read, columns=_COLUMNS, where="c.id = :id", seen=sees("c.customer_id"))
_AMONG = Statement(_SELECT, _read, columns=_COLUMNS, where="c.id = ANY(:ids::uuid[])", seen=sees("c.customer_id"))
_NARROWED: Final[Mapping[str, str]] = {
    "customer_id": "c.customer_id = :customer_id",
    "brand_id": "c.brand_id = :brand_id",
    "region_id": "r.lowest >= (SELECT lowest FROM region WHERE id = :region_id) "
    "AND r.highest <= (SELECT highest FROM region WHERE id = :region_id)",
    "holds_on": "c.withdrawn_at IS NULL AND daterange(c.starts_on, c.ends_on) @> :holds_on::date",
    "ending": "c.asked_end IS NOT NULL AND c.withdrawn_at IS NULL",
}
"""What a list may be narrowed by; `ending`: those whose procedure has begun."""


_CORRECTIONS = Statement(
    select(*(table(ContractCorrectionRow).c[each.name] for each in fields(Correction)))
    .where(
        col(ContractCorrectionRow.contract_id) == given("contract_id"), col(ContractCorrectionRow.id) < given("before")
    )
    .order_by(col(ContractCorrectionRow.id).desc())
    .limit(given("most")),
    Correction,
)


@cache
def _page(names: tuple[str, ...]) -> Statement[ReadContract]:
    """One statement for each set of filters, the latest first."""
    where = " AND ".join(("c.id < :before", *(_NARROWED[name] for name in names)))
    return Statement(
        _SELECT + " ORDER BY c.id DESC LIMIT :most", _read, columns=_COLUMNS, where=where, seen=sees("c.customer_id")
    )


async def read(context: Context, id_: UUID, *, viewer: UUID | None) -> ReadContract:
    """Raises ContractNotFound, also for one of a customer whom the viewer does not see."""
    found = await _ONE.one(context.database, id=id_, viewer=viewer)
    if found is None:
        raise ContractNotFound("no contract has this id")
    return (await _whole(context, [found]))[0]


async def written(context: Context, id_: UUID) -> ReadContract:
    """A contract that was written just now."""
    found = await _ONE.one(context.database, id=id_, viewer=None)
    if found is None:
        raise LookupError("it was written just now")
    return (await _whole(context, [found]))[0]


async def page(
    context: Context,
    filters: Mapping[str, UUID | date | bool | None],
    before: UUID | None,
    most: int,
    *,
    viewer: UUID | None,
) -> list[ReadContract]:
    """Contracts of customers whom the viewer sees, the latest first."""
    wanted = {name: value for name, value in filters.items() if value is not None and value is not False}
    values = {name: value for name, value in wanted.items() if name != "ending"}
    found = await _page(tuple(sorted(wanted))).all(
        context.database, **values, before=before or FROM_THE_END, most=most, viewer=viewer
    )
    return await _whole(context, found)


async def among(context: Context, ids: Sequence[UUID], *, viewer: UUID | None) -> dict[UUID, ReadContract]:
    """Those of these contracts whose customers the viewer sees."""
    found = await _AMONG.all(context.database, ids=list(ids), viewer=viewer)
    return {each.id: each for each in await _whole(context, found)}


async def _whole(context: Context, found: Sequence[ReadContract]) -> list[ReadContract]:
    whole = await store.with_steps(context.database, [each.contract for each in found])
    owed = await aftercare.of_contracts(context.database, [each.id for each in found])
    return [
        replace(each, contract=contract, said=_said(context, contract), aftercare=owed.get(each.id, ()))
        for each, contract in zip(found, whole, strict=True)
    ]


def _said(context: Context, contract: Contract) -> Mapping[EndingStep, str]:
    words = ((each.step, each.words) for each in contract.done)
    return {step: context.words.open(sealed, contract.id.bytes).decode() for step, sealed in words if sealed}


@dataclass(frozen=True, slots=True)
class ReadCorrection:
    """What was put right of a contract, and why."""

    correction: Correction
    reason: str | None

    @property
    def id(self) -> UUID:
        return self.correction.id


async def corrections(
    context: Context, id_: UUID, before: UUID | None, most: int, *, viewer: UUID | None
) -> list[ReadCorrection]:
    """What was put right of a contract, the latest first. Raises ContractNotFound."""
    await read(context, id_, viewer=viewer)
    found = await _CORRECTIONS.all(context.database, contract_id=id_, before=before or FROM_THE_END, most=most)
    return [ReadCorrection(each, _reason(context, each)) for each in found]


def _reason(context: Context, correction: Correction) -> str | None:
    return context.words.open(correction.reason, correction.id.bytes).decode() if correction.reason else None


async def next_end(context: Context) -> datetime | None:
    """When the next contract is over of which nobody was told."""
    day = await store.next_end(context.database)
    return None if day is None else day_begins(day, context.zone)


async def rules(context: Context) -> list[NetworkRules]:
    """Every version of the rules, the latest first."""
    return await store.every_rule(context.database)

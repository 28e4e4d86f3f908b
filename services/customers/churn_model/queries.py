"""Reads of what is to be expected of customers, and of the fits by which it is told."""

from collections.abc import Mapping
from functools import cache
from typing import Any, Final, NamedTuple
from uuid import UUID

from asyncpg import Record
from sqlalchemy import Uuid, or_
from sqlmodel import col

from services.customers.churn_model import store
from services.customers.churn_model.domain.expectations import Bought, Expectation, expect
from services.customers.churn_model.domain.schedule import ChurnFit, ModelInUse
from services.customers.churn_model.store import FITS, history_of
from services.customers.churn_model.tables import ChurnFitRow
from services.customers.context import Context
from services.customers.heads.store import rows
from services.customers.heads.store.visibility import all_seen
from services.customers.worth_policies import store as policies
from services.customers.worth_policies.domain import WorthRules
from shared.statement import Statement, given

_BOUGHT: Final = Statement(
    "SELECT :id::uuid AS customer_id, h.days, h.mean FROM {history} h",
    Bought,
    history=history_of(":id::uuid", ":until::date"),
)
_IN_REGION: Final = """EXISTS (SELECT FROM archive a WHERE a.customer_id = e.customer_id AND a.region_id = ANY (ARRAY(
    SELECT r.id FROM region r JOIN region o ON r.lowest >= o.lowest AND r.highest <= o.highest
    WHERE o.id = :region_id)))"""
_CONDITIONS: Final[Mapping[str, str]] = {
    "after_alive": "(e.alive, e.customer_id) > (:after_alive::double precision, :after_id::uuid)",
    "tier": "c.tier = :tier",
    "region_id": _IN_REGION,
    "viewer": all_seen("e.customer_id"),
    "below": "e.alive < :below::double precision",
}
_LIST: Final = """
    SELECT e.customer_id, e.alive, e.judged_on, h.days, h.mean
    FROM expectation e JOIN customer c ON c.id = e.customer_id CROSS JOIN LATERAL {history} h
    WHERE {conditions} ORDER BY e.alive, e.customer_id LIMIT :most
    """
_FITS: Final = Statement(
    FITS.where(or_(given("before", Uuid).is_(None), col(ChurnFitRow.id) < given("before", Uuid)))
    .order_by(col(ChurnFitRow.id).desc())
    .limit(given("most")),
    ChurnFit,
)


class Listed(NamedTuple):
    """A place in the list: the chance that it goes by, as it was judged, and what is to be expected as of that day."""

    alive: float
    expected: Expectation


@cache
def _statement(narrowed_by: frozenset[str]) -> Statement[Any]:
    """One statement for each set of conditions, so that each has its plan. By hand, as what it joins."""
    conditions = [sql for name, sql in _CONDITIONS.items() if name in narrowed_by]
    return Statement(
        _LIST, history=history_of("e.customer_id", "e.judged_on"), conditions=" AND ".join(conditions) or "true"
    )


async def in_use(context: Context) -> ModelInUse:
    """Which fit is in use, and what came of the latest run."""
    return ModelInUse(await store.converged(context.database), await store.latest(context.database))


async def of_customer(
    context: Context, customer_id: UUID, model: ModelInUse, days: int | None, *, viewer: UUID | None
) -> Expectation:
    """What is to be expected of one as of today, within `days` or as many as the policy says. Raises CustomerNotFound,
    also where the viewer does not see it."""
    await rows.head(context.database, customer_id, viewer=viewer)
    today = context.today()
    [bought] = await _BOUGHT.all(context.database, id=customer_id, until=today, zone=context.zone.key)
    rules = await _rules(context)
    return expect(bought, model.fit, today, days or rules.model.days_ahead, rules.life)


async def _rules(context: Context) -> WorthRules:
    return (await policies.present(context.database)).rules


async def page(
    context: Context,
    filters: Mapping[str, Any],
    model: ModelInUse,
    days: int | None,
    after: tuple[float, UUID] | None,
    most: int,
) -> list[Listed]:
    """Who has bought on more than one day, the least likely to still buy first; `filters` are tier, region_id, below,
    viewer."""
    place = {"after_alive": after[0], "after_id": after[1]} if after else {}
    values = {name: value for name, value in {**filters, **place}.items() if value is not None}
    found = await _statement(frozenset(values)).all(context.database, **values, zone=context.zone.key, most=most)
    rules = await _rules(context)
    ahead = days or rules.model.days_ahead
    return [
        Listed(each["alive"], expect(_bought(each), model.fit, each["judged_on"], ahead, rules.life)) for each in found
    ]


def _bought(row: Record) -> Bought:
    return Bought(row["customer_id"], row["days"], row["mean"])


async def fits(context: Context, before: UUID | None, most: int) -> list[ChurnFit]:
    """Runs, the latest first."""
    return await _FITS.all(context.database, before=before, most=most)

"""Customer 360: reads standing facts together with cases, touches, purchases and the timeline."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any, TypeAlias
from uuid import UUID

from sqlalchemy import Text, not_, select
from sqlmodel import col

from services.reporting.complaints import queries as complaints
from services.reporting.context import Context
from services.reporting.customer360.domain import Customer360, Named, Purchase, Purchases, StandingFacts, named
from services.reporting.service import queries as service
from services.reporting.timeline import queries as timeline
from services.reporting.timeline.domain import TimelineEntry
from services.reporting.timeline.tables import TimelineRow
from shared import aliases, directory
from shared.auth.visibility import subordinates
from shared.contracts import customers
from shared.references import CustomerNotFound
from shared.statement import Reader, Statement, any_given, given

LATEST = 50
LAST_PURCHASES = 10

PurchaseFact: TypeAlias = customers.PurchaseRecorded | customers.PurchaseReturned

_CONTRACTS: Mapping[str, type[PurchaseFact]] = {
    contract.TYPE: contract for contract in (customers.PurchaseRecorded, customers.PurchaseReturned)
}


def _standing(team: Mapping[str, str], **row: Any) -> StandingFacts:
    return StandingFacts(team={role: UUID(staff_id) for role, staff_id in team.items()}, **row)


def _fact(type: str, data: str, at: datetime, event_id: UUID) -> tuple[datetime, UUID, PurchaseFact]:
    return at, event_id, _CONTRACTS[type].model_validate_json(data)


_KNOWN = Statement(
    """
    SELECT c.kind, c.external_no, c.region_id, c.tier, c.tier_since, c.registered_at, coalesce(c.team, '{}') AS team,
           f.purchases, f.returns, f.purchased, f.first_purchase_at, f.last_purchase_at
    FROM (VALUES (:customer_id::uuid)) AS asked (id) LEFT JOIN customer c ON c.id = asked.id, (
        SELECT coalesce(sum(purchases), 0)::integer AS purchases, coalesce(sum(returns), 0)::integer AS returns,
               coalesce(sum(purchased), 0.00) AS purchased,
               min(first_purchase_at) AS first_purchase_at, max(last_purchase_at) AS last_purchase_at
        FROM customer WHERE id = ANY(:ids::uuid[])
    ) f
    WHERE (c.id IS NOT NULL
           OR EXISTS (SELECT FROM timeline WHERE customer_id = ANY(:ids::uuid[]))
           OR EXISTS (SELECT FROM complaint WHERE customer_id = ANY(:ids::uuid[]))
           OR EXISTS (SELECT FROM touch WHERE customer_id = ANY(:ids::uuid[])))
      AND c.withdrawn_at IS NULL
      AND (:viewer::uuid IS NULL
           OR EXISTS (SELECT FROM jsonb_each_text(c.team) AS t (role, staff_id)
                      WHERE t.staff_id::uuid IN ({subordinates})))
    """,
    _standing,
    subordinates=subordinates(),
)
"""By hand: a row also for those whom only other services have named; who may see them is asked of JSON, the team. What
was bought under the ids of customers who were merged counts with the one who is kept."""
_PURCHASES = Statement(
    select(col(TimelineRow.type), col(TimelineRow.data), col(TimelineRow.at), col(TimelineRow.event_id))
    .where(
        col(TimelineRow.customer_id) == given("customer_id"),
        col(TimelineRow.type) == any_given("types", Text),
        not_(col(TimelineRow.reversed)),
    )
    .order_by(col(TimelineRow.at).desc(), col(TimelineRow.event_id).desc())
    .limit(given("most")),
    _fact,
)


async def read_customer(context: Context, customer_id: UUID, *, viewer: UUID | None) -> Customer360:
    """One customer, everything, as of now.

    Raises CustomerNotFound when no event has named them, or none that seats the viewer or their people.
    """
    ids = await aliases.all_ids(context.database, customer_id)
    facts = await _known(context, ids, viewer)
    now = context.clock.now()
    async with context.database.connection() as reader:
        bought = await _last_purchases(reader, ids, facts)
        names = await _names(reader, customer_id, facts, bought)
        return Customer360(
            id=customer_id,
            name=names.get(customer_id),
            kind=facts.kind,
            external_no=facts.external_no,
            tier=facts.tier,
            tier_since=facts.tier_since,
            registered_at=facts.registered_at,
            region=named(facts.region_id, names),
            team={role: Named(id_, names.get(id_)) for role, id_ in facts.team.items()},
            complaints=await complaints.cases_of(reader, ids, now),
            touches=await service.touches_of(reader, ids),
            purchases=_purchases(facts, bought, names),
            timeline=await timeline.entries(reader, ids, None, LATEST + 1),
        )


async def read_timeline(
    context: Context, customer_id: UUID, after: tuple[datetime, UUID] | None, most: int, *, viewer: UUID | None
) -> list[TimelineEntry]:
    """A page of the timeline, newest first. Raises CustomerNotFound as `read_customer` does."""
    ids = await aliases.all_ids(context.database, customer_id)
    await _known(context, ids, viewer)
    return await timeline.entries(context.database, ids, after, most)


async def _known(context: Context, ids: Sequence[UUID], viewer: UUID | None) -> StandingFacts:
    """What is known of the customer with the first of the ids.

    Waits a moment for one who may just have been registered; holds no connection meanwhile.
    """
    known = partial(_KNOWN.one, context.database, customer_id=ids[0], ids=ids, viewer=viewer)
    facts = await context.database.waiting.until_heard_of(known)
    if facts is None:
        raise CustomerNotFound("no customer with this id has been heard of; check the id")
    return facts


async def _last_purchases(reader: Reader, ids: Sequence[UUID], facts: StandingFacts) -> list[PurchaseFact]:
    """The last purchases and returns, newest first: never looks for more than there are, so that the search ends."""
    most = min(LAST_PURCHASES, facts.purchases + facts.returns)
    found = [await _PURCHASES.all(reader, customer_id=each, types=list(_CONTRACTS), most=most) for each in ids]
    return timeline.newest([each for page in found for each in page], most)


async def _names(
    reader: Reader, customer_id: UUID, facts: StandingFacts, bought: Sequence[PurchaseFact]
) -> dict[UUID, str]:
    """What the directory calls the store, its region, the brands and the colleagues of the team."""
    things = {customer_id, facts.region_id, *(fact.brand_id for fact in bought)}
    names = await directory.names(reader, [id_ for id_ in things if id_ is not None])
    staff = await directory.staff(reader, list(facts.team.values()))
    return names | {id_: member.name for id_, member in staff.items()}


def _purchases(facts: StandingFacts, bought: Sequence[PurchaseFact], names: Mapping[UUID, str]) -> Purchases:
    return Purchases(
        count=facts.purchases,
        returns=facts.returns,
        sum=facts.purchased,
        first_at=facts.first_purchase_at,
        last_at=facts.last_purchase_at,
        recent=[_purchase(fact, names) for fact in bought],
    )


def _purchase(fact: PurchaseFact, names: Mapping[UUID, str]) -> Purchase:
    if isinstance(fact, customers.PurchaseReturned):
        id_, external_no, returns_id = fact.return_id, None, fact.purchase_id
    else:
        id_, external_no, returns_id = fact.purchase_id, fact.external_no, None
    occurred_at, brand = fact.occurred_at.astimezone(UTC), named(fact.brand_id, names)
    return Purchase(id_, fact.amount, occurred_at, brand, external_no, returns_id)

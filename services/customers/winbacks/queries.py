"""Reads of win-back cases, and what came of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final
from uuid import UUID

from services.customers.buying.domain import Days
from services.customers.context import Context
from services.customers.heads.store.names import beside, name_of
from services.customers.heads.store.visibility import sees
from services.customers.winbacks import store
from services.customers.winbacks.domain import APPROVERS, OfferState, Rates, Winback, WinbackNotFound, WinbackPolicy
from services.customers.winbacks.store import FIELDS
from services.customers.worth_policies import queries as worth_policies
from shared.auth.principal import Principal
from shared.auth.visibility import viewer as viewer_of
from shared.contracts.customers import Tier
from shared.statement import Statement

_CONDITIONS: Final[Mapping[str, str]] = {
    "id": "w.id = :id",
    "before": "w.id < :before",
    "customer_id": "w.customer_id = :customer_id",
    "tier": "w.tier = :tier",
    "assignee_id": "w.assignee_id = :assignee_id",
    "open": "(w.outcome IS NULL) = :open::boolean",
    "standing": "(w.outcome IS NULL) = :standing::boolean",
    "not_by": "w.offered_by <> :not_by",
    "offer_state": "w.offer_state = :offer_state AND (w.offer_state <> 'awaits_approval' OR w.ended_at IS NULL)",
}
_RATES: Final = Statement(
    """
    SELECT w.tier, count(*)::integer AS ended,
        (count(*) FILTER (WHERE w.outcome = 'returned'))::integer AS returned,
        (count(*) FILTER (WHERE w.outcome = 'not_returned'))::integer AS not_returned,
        (count(*) FILTER (WHERE w.outcome = 'dismissed'))::integer AS dismissed
    FROM winback w
    WHERE w.ended_at >= :since AND w.ended_at < :until AND {seen}
    GROUP BY w.tier ORDER BY w.tier
    """,
    seen=sees("w.customer_id"),
)
"""By hand: what came of cases, by tier."""


@dataclass(frozen=True, slots=True)
class ReadWinback(Winback):
    """A case with the names of its customer (of a person there is none) and of who cares for it."""

    customer_name: str | None = None
    assignee_name: str | None = None


def _read(offer_state: str, **same: Any) -> ReadWinback:
    return ReadWinback(offer_state=OfferState(offer_state), **same)


_NAMES: Final = beside(
    customer_name=name_of("customer", "w.customer_id"), assignee_name=name_of("staff", "w.assignee_id")
)


@cache
def _page(narrowed_by: frozenset[str]) -> Statement[ReadWinback]:
    """One statement for each set of conditions, so that each has its plan."""
    return Statement(
        "SELECT {fields}, {names} FROM winback w WHERE {conditions} AND {seen} ORDER BY w.id DESC LIMIT :most",
        _read,
        fields=", ".join(f"w.{name}" for name in FIELDS),
        names=_NAMES,
        conditions=" AND ".join(sql for name, sql in _CONDITIONS.items() if name in narrowed_by) or "true",
        seen=sees("w.customer_id"),
    )


async def read(context: Context, id_: UUID, *, viewer: UUID | None) -> ReadWinback:
    """Raises WinbackNotFound, also where the viewer does not see the customer."""
    found = await page(context, {"id": id_}, None, 1, viewer=viewer)
    if not found:
        raise WinbackNotFound("no win-back case has this id")
    return found[0]


async def written(context: Context, id_: UUID) -> ReadWinback:
    """One that was written just now."""
    [found] = await page(context, {"id": id_}, None, 1, viewer=None)
    return found


async def page(
    context: Context, narrowed: Mapping[str, Any], before: UUID | None, most: int, *, viewer: UUID | None
) -> list[ReadWinback]:
    """Cases, the latest first; `narrowed` are customer_id, tier, assignee_id, open, standing, offer_state, not_by."""
    given_ = {name: value for name, value in {**narrowed, "before": before}.items() if value is not None}
    return await _page(frozenset(given_)).all(context.database, **given_, viewer=viewer, most=most)


async def to_approve(context: Context, caller: Principal, most: int) -> list[ReadWinback]:
    """Open cases whose offer waits for the caller to approve it, the latest first: nobody approves their own."""
    if not caller.has(*APPROVERS):
        return []
    narrowed = {"offer_state": str(OfferState.AWAITS_APPROVAL), "not_by": caller.id}
    return await page(context, narrowed, None, most, viewer=viewer_of(caller))


async def rates(context: Context, days: Days, *, viewer: UUID | None) -> dict[Tier, Rates]:
    """What came of the cases that ended on these days, by tier."""
    since, until = days.bounds(context.zone)
    rows = [dict(row) for row in await _RATES.all(context.database, since=since, until=until, viewer=viewer)]
    return {row.pop("tier"): Rates(**row) for row in rows}


async def policy(context: Context) -> WinbackPolicy:
    """The version that holds now."""
    return await store.policy(context.database)


async def policy_versions(context: Context, after: int | None, most: int) -> list[WinbackPolicy]:
    """Every version, oldest first."""
    return await worth_policies.every(context, store.POLICIES, after, most)


async def policy_version(context: Context, number: int) -> WinbackPolicy:
    """One version. Raises PolicyVersionNotFound."""
    return await worth_policies.numbered(context, store.POLICIES, number)

"""Recording purchases and returns. Imports record theirs by a statement of their own, with the same consequences."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from services.customers.context import Context
from services.customers.heads.store import locks
from services.customers.purchases import domain, events, store
from services.customers.purchases.domain import (
    ExternalNoReused,
    NewPurchase,
    Purchase,
    PurchaseAsked,
    PurchaseNotFound,
    PurchaseOutcome,
    PurchaseResult,
    ReturnAsked,
    UnknownBrand,
    UnknownCustomer,
)
from services.customers.tiers.handlers.lifting import lift
from shared.bus import outbox
from shared.db import Connection
from shared.ids import new_id
from shared.months import Month

MID = "mid"


async def record(context: Context, asked: PurchaseAsked, *, viewer: UUID | None) -> PurchaseResult:
    """Records one purchase; a repeated external number with the same content answers what stands already.

    Raises MomentRefused, UnknownCustomer (also for one whom the viewer does not see), UnknownBrand or ExternalNoReused.
    """
    async with context.database.transaction() as transaction:
        purchase = await _new(context, transaction, asked)
        [result] = await take_in(context, transaction, [purchase], historical=False, viewer=viewer)
        if result.outcome is PurchaseOutcome.REUSED:
            raise ExternalNoReused(
                "a purchase with this number and another content stands already; check the number",
                pointer="#/external_no",
            )
        return result


async def _new(context: Context, transaction: Connection, asked: PurchaseAsked) -> NewPurchase:
    id_ = new_id()
    identity = domain.unnumbered(id_) if asked.external_no is None else domain.numbered(asked.external_no)
    occurred_at = asked.occurred_at or await _moment_of(transaction, identity) or context.clock.now()
    domain.check_moment(occurred_at, context.clock.now())
    return NewPurchase(
        id_,
        asked.customer_id,
        asked.brand_id,
        await _grade(transaction, asked.brand_id),
        asked.amount,
        occurred_at,
        Month.of(occurred_at, context.runtime.zone),
        asked.external_no,
        identity,
    )


async def _moment_of(transaction: Connection, identity: bytes) -> datetime | None:
    """When a purchase that is entered without a date was entered first."""
    standing = await store.by_identity(transaction, identity)
    return None if standing is None else standing.occurred_at


async def _grade(transaction: Connection, brand_id: UUID | None) -> str:
    """The brand's grade; what belongs to no brand counts as mid-grade. Raises UnknownBrand."""
    if brand_id is None:
        return MID
    grade = await store.grade_of(transaction, brand_id)
    if grade is None:
        raise UnknownBrand("no brand has this id", pointer="#/brand_id")
    return grade


async def take_in(
    context: Context,
    transaction: Connection,
    purchases: Sequence[NewPurchase],
    *,
    historical: bool,
    viewer: UUID | None = None,
) -> list[PurchaseResult]:
    """Records purchases of one or many customers within the caller's transaction; one result each, in their order.

    Takes the locks, keeps the month totals, marks closed months that it touches, records `purchase.recorded` and lifts
    at once whom the running month lifts. Brands must exist. Raises UnknownCustomer when a customer does not, or is none
    whom the viewer sees: then the transaction is to be rolled back.
    """
    running = context.running_month()
    customers = sorted({purchase.customer_id for purchase in purchases})
    if len(customers) > 1 or len(purchases) > 1:
        await locks.enter_many(transaction, running)
    else:
        await locks.enter(transaction, purchases[0].month, running)
    if len(await locks.customers(transaction, customers, viewer)) < len(customers):
        raise UnknownCustomer("no customer has this id", pointer="#/customer_id")
    results = await store.insert_many(transaction, purchases, at=context.clock.now(), historical=historical)
    rising = {
        purchase.customer_id
        for purchase, result in zip(purchases, results, strict=True)
        if result.outcome is PurchaseOutcome.RECORDED and purchase.month == running
    }
    if rising:
        await lift(context, transaction, sorted(rising), historical=historical)
    return results


async def take_back(context: Context, purchase_id: UUID, asked: ReturnAsked, *, viewer: UUID | None) -> PurchaseResult:
    """Records a return: it lowers the month of the purchase that it returns (decision 11), never a tier at once.

    Raises PurchaseNotFound, MomentRefused, ReturnRefused or ExternalNoReused.
    """
    now = context.clock.now()
    occurred_at = asked.occurred_at or now
    domain.check_moment(occurred_at, now)
    async with context.database.transaction() as transaction:
        purchase = await _locked(context, transaction, purchase_id, viewer)
        return_id = new_id()
        identity = domain.unnumbered(return_id) if asked.external_no is None else domain.numbered(asked.external_no)
        standing = await store.by_identity(transaction, identity)
        if standing is not None:
            return _repeated(standing, purchase, asked)
        domain.check_return(purchase, asked.amount, occurred_at)
        version = await store.insert_return(
            transaction,
            purchase,
            return_id,
            amount=asked.amount,
            occurred_at=occurred_at,
            external_no=asked.external_no,
            identity=identity,
        )
        event = events.returned(purchase, return_id, asked.amount, occurred_at=occurred_at, version=version, at=now)
        await outbox.append(transaction, [event])
        return PurchaseResult(return_id, PurchaseOutcome.RECORDED)


async def _locked(context: Context, transaction: Connection, purchase_id: UUID, viewer: UUID | None) -> Purchase:
    found = await store.purchase(transaction, purchase_id, viewer)
    if found is None:
        raise PurchaseNotFound("no purchase has this id")
    await locks.enter(transaction, found.month, context.running_month())
    await locks.customers(transaction, [found.customer_id])
    locked = await store.locked(transaction, purchase_id)
    assert locked is not None  # noqa: S101  purchases are never deleted
    return locked


def _repeated(standing: Purchase, purchase: Purchase, asked: ReturnAsked) -> PurchaseResult:
    """The return that stands already under the number."""
    same_moment = asked.occurred_at is None or asked.occurred_at == standing.occurred_at
    if (standing.returns_id, standing.amount) != (purchase.id, -asked.amount) or not same_moment:
        raise ExternalNoReused(
            "this number stands already for something else; check the number", pointer="#/external_no"
        )
    return PurchaseResult(standing.id, PurchaseOutcome.REPEATED)

"""Recording and undoing purchases and returns.

Imports record theirs by a statement of their own, with the same consequences.
"""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from services.customers.context import Context
from services.customers.heads.store import erasing, locks
from services.customers.merged import store as merged
from services.customers.purchases import domain, events
from services.customers.purchases.domain import (
    ExternalNoReused,
    NewPurchase,
    Purchase,
    PurchaseAsked,
    PurchaseNotFound,
    PurchaseResult,
    PurchaseReversed,
    ReturnAsked,
    Reversal,
)
from services.customers.purchases.store import entries, lines, undoing
from services.customers.tiers.handlers.lifting import give_back, lift
from services.customers.tiers.store import months
from shared import audit
from shared.bus import outbox
from shared.db import Connection
from shared.ids import new_id
from shared.months import Month
from shared.references import UnknownBrand, UnknownCustomer

MID = "mid"


async def record(
    context: Context,
    asked: PurchaseAsked,
    *,
    viewer: UUID | None,
    limited: bool = False,
    in_place_of: Purchase | None = None,
) -> PurchaseResult:
    """Records one purchase; a repeated external number with the same content answers what stands already.

    What the customer earns by it in the running month lifts it at once. `limited` is whoever is not of administration.
    In the place of one of the same customer it is told as that one, and goes back as that one, should it have come
    from a duplicate.
    Raises MomentRefused, UnknownCustomer (also for one whom the viewer does not see), UnknownBrand, ExternalNoReused
    or NeedsAdministration.
    """
    async with context.database.transaction() as transaction:
        new = await _new(context, transaction, asked)
        running = context.running_month()
        await locks.enter(transaction, new.month, running)
        if limited:
            context.entry.check_amount(new.amount)
            await _check_month(context, transaction, new.month)
        if not await locks.customers(transaction, [new.customer_id], viewer=viewer):
            raise UnknownCustomer("no customer has this id", pointer="#/customer_id")
        if in_place_of is not None and in_place_of.customer_id != new.customer_id:
            in_place_of = None
        told_as = (await _as_told(transaction, in_place_of)).customer_id if in_place_of else new.customer_id
        if not await entries.record(transaction, new, events.told_lines(asked.lines), context.clock.now(), told_as):
            return await _standing(transaction, new, asked)
        await lines.add(transaction, new.id, asked.lines)
        if in_place_of:
            await merged.came_with(transaction, "purchase", in_place_of.id, new.id)
        if new.month == running:
            await lift(context, transaction, [new.customer_id])
        return PurchaseResult(new.id, repeated=False)


async def _check_month(context: Context, transaction: Connection, month: Month) -> None:
    closed = await months.closed_month(transaction, month) is not None
    context.entry.check_month(month, context.running_month(), closed=closed)


async def _new(context: Context, transaction: Connection, asked: PurchaseAsked) -> NewPurchase:
    id_ = new_id()
    identity = domain.unnumbered(id_) if asked.external_no is None else domain.numbered(asked.external_no)
    occurred_at = asked.occurred_at or await _moment_of(transaction, identity) or context.clock.now()
    domain.check_moment(occurred_at, context.clock.now(), context.zone)
    grade, month = await _grade(transaction, asked.brand_id), Month.of(occurred_at, context.zone)
    return NewPurchase(
        id_, asked.customer_id, asked.brand_id, grade, asked.amount, occurred_at, month, asked.external_no, identity,
        asked.order_no, asked.receipt_no,
    )  # fmt: skip


async def _moment_of(transaction: Connection, identity: bytes) -> datetime | None:
    """When a purchase that is entered without a date was entered first."""
    standing = await entries.by_identity(transaction, identity)
    return None if standing is None else standing.occurred_at


async def _grade(transaction: Connection, brand_id: UUID | None) -> str:
    """The brand's grade; what belongs to no brand counts as mid-grade. Raises UnknownBrand."""
    if brand_id is None:
        return MID
    grade = await entries.grade_of(transaction, brand_id)
    if grade is None:
        raise UnknownBrand("no brand has this id", pointer="#/brand_id")
    return grade


async def _standing(transaction: Connection, new: NewPurchase, asked: PurchaseAsked) -> PurchaseResult:
    """The purchase that stands already under the identity of a new one, with the same lines; who says no moment means
    the one at which it was entered first."""
    standing = await entries.by_identity(transaction, new.identity)
    if standing is not None and asked.occurred_at is None:
        new = replace(new, occurred_at=standing.occurred_at)
    is_same = standing is not None and domain.is_same(standing, new)
    if standing is None or not is_same or await lines.of_entry(transaction, standing.id) != asked.lines:
        raise ExternalNoReused(
            "a purchase with this number and another content stands already; check the number", pointer="#/external_no"
        )
    return PurchaseResult(standing.id, repeated=True)


async def take_back(
    context: Context, purchase_id: UUID, asked: ReturnAsked, *, viewer: UUID | None, limited: bool = False
) -> PurchaseResult:
    """Records a return: it lowers the month of the purchase that it returns (decision 11), never a tier at once.

    `limited` is whoever is not of administration: they date it into months that are open and recent.
    Raises PurchaseNotFound, MomentRefused, ReturnRefused, PurchaseReversed, ExternalNoReused or NeedsAdministration.
    """
    now = context.clock.now()
    occurred_at = asked.occurred_at or now
    domain.check_moment(occurred_at, now, context.zone)
    async with context.database.transaction() as transaction:
        purchase = await _locked(context, transaction, purchase_id, viewer)
        return_id = new_id()
        identity = domain.unnumbered(return_id) if asked.external_no is None else domain.numbered(asked.external_no)
        standing = await entries.by_identity(transaction, identity)
        if standing is not None:
            return _repeated(await _with_lines(transaction, standing), purchase, asked)
        domain.check_return(purchase, asked.amount, occurred_at)
        if purchase.import_id is not None and await undoing.is_undoing(transaction, purchase.import_id):
            raise PurchaseReversed("the import that it came with is being undone")
        await _check_lines(transaction, purchase, asked)
        if limited:
            await _check_month(context, transaction, Month.of(occurred_at, context.zone))
        dated = replace(asked, occurred_at=occurred_at)
        now = context.clock.now()
        version = await entries.record_return(transaction, purchase.id, return_id, dated, identity, now)
        await lines.add(transaction, return_id, asked.lines)
        event = events.returned(
            await _as_told(transaction, purchase),
            return_id,
            asked.amount,
            asked.lines,
            occurred_at=occurred_at,
            version=version,
            at=now,
        )
        await outbox.append(transaction, [event])
        return PurchaseResult(return_id, repeated=False)


async def _check_lines(transaction: Connection, purchase: Purchase, asked: ReturnAsked) -> None:
    """Raises ReturnRefused for lines that a held purchase does not have, or has no more."""
    if asked.lines:
        bought = await lines.of_entry(transaction, purchase.id)
        left = domain.left_of(bought, await lines.returned(transaction, purchase.id))
        domain.check_returned_lines(asked.lines, left)


async def _with_lines(transaction: Connection, entry: Purchase) -> Purchase:
    return replace(entry, lines=await lines.of_entry(transaction, entry.id))


async def _locked(context: Context, transaction: Connection, purchase_id: UUID, viewer: UUID | None) -> Purchase:
    found = await entries.purchase(transaction, purchase_id, viewer=viewer)
    if found is None:
        raise PurchaseNotFound("no purchase has this id")
    await locks.enter(transaction, found.month, context.running_month())
    await locks.customers(transaction, [found.customer_id])
    return await entries.locked(transaction, purchase_id)


async def reverse(
    context: Context, purchase_id: UUID, reason: str, *, by: UUID, viewer: UUID | None, limited: bool
) -> Reversal:
    """Undoes an entry that was a mistake, a purchase or a return (decision 21): it counts nowhere, its number is free.

    In the running month the customer gets at once the tier that the other purchases earn; other months are judged, or
    revised. `limited` is whoever is not of administration.
    Raises PurchaseNotFound, NeedsAdministration, PurchaseReversed or ReturnsStand.
    """
    now = context.clock.now()
    async with context.database.transaction() as transaction:
        entry = await _held(context, transaction, purchase_id, viewer)
        reversal = Reversal(entry.id, await _said(transaction, entry, reason), now, by)
        await _undo(context, transaction, entry, reversal, limited=limited)
        await give_back(context, transaction, [entry.customer_id], entry.month)
        return reversal


async def _undo(
    context: Context, transaction: Connection, entry: Purchase, reversal: Reversal, *, limited: bool
) -> None:
    """Undoes a held entry; what tier its customer has left is asked when all is entered that belongs to it."""
    if limited:
        await _check_month(context, transaction, entry.month)
    domain.check_reversal(entry)
    entry = await _with_lines(transaction, entry)
    version = await entries.reverse(transaction, entry, reversal, context.words, context.zone)
    told = await _as_told(transaction, entry)
    await outbox.append(transaction, [events.undone(told, version=version, at=reversal.reversed_at)])
    await audit.enter(transaction, reversal.reversed_by, "purchase.reversed", entry.id)


async def correct(
    context: Context,
    purchase_id: UUID,
    asked: PurchaseAsked,
    reason: str,
    *,
    by: UUID,
    viewer: UUID | None,
    limited: bool,
) -> PurchaseResult:
    """Puts a purchase right: it is undone, and what is right entered in its place, in one transaction (decision 21).
    What is not said to have been at another time was when the mistaken entry was.

    Raises what `reverse` and `record` raise, and ReturnRefused for a return.
    """
    async with context.database.ambient_transaction() as transaction:
        mistake = await _held(context, transaction, purchase_id, viewer, also=asked.customer_id)
        domain.check_correction(mistake)
        right = replace(asked, occurred_at=asked.occurred_at or mistake.occurred_at)
        reversal = Reversal(mistake.id, await _said(transaction, mistake, reason), context.clock.now(), by)
        await _undo(context, transaction, mistake, reversal, limited=limited)
        result = await record(context, right, viewer=viewer, limited=limited, in_place_of=mistake)
        await give_back(context, transaction, [mistake.customer_id], mistake.month)
        await entries.replace_reversed(transaction, purchase_id, result.id)
        await audit.enter(transaction, by, "purchase.corrected", result.id)
        return result


async def _said(transaction: Connection, entry: Purchase, reason: str) -> str:
    """Why it was a mistake; of who was erased the figures are put right, and nothing is written."""
    return "" if await erasing.is_erased(transaction, entry.customer_id) else reason


async def _as_told(transaction: Connection, entry: Purchase) -> Purchase:
    """The entry under the customer under whom its purchase was told first: so events of one purchase stay in order,
    and what was summed there is taken away there."""
    purchase_id = entry.returns_id or entry.id
    return replace(entry, customer_id=await merged.told_as(transaction, "purchase", purchase_id, entry.customer_id))


async def _held(
    context: Context, transaction: Connection, purchase_id: UUID, viewer: UUID | None, *, also: UUID | None = None
) -> Purchase:
    """An entry whose reversal may concern every month: held like work on many customers, of whom one may be `also`."""
    await locks.enter_many(transaction, context.running_month())
    found = await entries.purchase(transaction, purchase_id, viewer=viewer)
    if found is None:
        raise PurchaseNotFound("no purchase has this id")
    await locks.customers(transaction, [found.customer_id, also or found.customer_id])
    if found.returns_id is not None:
        await entries.locked(transaction, found.returns_id)
    return await entries.locked(transaction, purchase_id)


def _repeated(standing: Purchase, purchase: Purchase, asked: ReturnAsked) -> PurchaseResult:
    """The return that stands already under the number."""
    same_moment = asked.occurred_at is None or asked.occurred_at == standing.occurred_at
    said = (purchase.id, -asked.amount, asked.lines, asked.receipt_no or standing.receipt_no)
    if (standing.returns_id, standing.amount, standing.lines, standing.receipt_no) != said or not same_moment:
        raise ExternalNoReused(
            "this number stands already for something else; check the number", pointer="#/external_no"
        )
    return PurchaseResult(standing.id, repeated=True)

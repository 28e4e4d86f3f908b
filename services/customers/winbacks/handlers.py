"""Winning customers back: opening a case, offering, deciding, ending; dismissing who is not to be kept."""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from uuid import UUID

from services.customers.context import Context
from services.customers.heads.store import erasing, locks
from services.customers.losses import handlers as losses_said
from services.customers.losses import store as losses
from services.customers.scheme import handlers as scheme
from services.customers.winbacks import domain, events, store
from services.customers.winbacks.domain import (
    Outcome,
    TierTerms,
    UnknownApprover,
    Winback,
    WinbackNotFound,
    WinbackOpen,
    WinbackPolicy,
)
from shared import audit
from shared.bus import outbox
from shared.contracts.customers import Tier
from shared.contracts.losses import ChurnKind
from shared.contracts.winbacks import DismissalMeans
from shared.db import Connection
from shared.ids import new_id
from shared.references import UnknownCustomer, UnknownStaff
from shared.versions import check_version


async def open_case(
    context: Context,
    customer_id: UUID,
    kind: ChurnKind | None,
    cause: str | None,
    *,
    assignee_id: UUID | None,
    by: UUID,
    viewer: UUID | None,
) -> Winback:
    """Opens a case by the terms of the tier of a customer who is lost, or warned of. How and why it left holds for its
    loss, too, and is taken from there where it is not said.

    Raises UnknownCustomer, ChurnUnsaid, UnknownChurnCause, UnknownStaff, LetGo, WinbackOpen, Erased.
    """
    now = context.clock.now()
    async with context.database.transaction() as transaction:
        if not await locks.customers(transaction, [customer_id], viewer=viewer):
            raise UnknownCustomer("no customer has this id", pointer="#/customer_id")
        await erasing.check(transaction, customer_id)
        loss = await losses.standing(transaction, customer_id)
        kind, cause = domain.said_of(loss, kind, cause)
        await losses_said.check_cause(transaction, cause)
        if assignee_id is not None:
            await _check_staff(transaction, assignee_id)
        elif await store.is_staff(transaction, by):
            assignee_id = by
        left = await losses_said.left(context, transaction, customer_id)
        policy = await store.policy(transaction)
        new = domain.opened(new_id(), left, kind, cause, policy, at=now, by=by, assignee_id=assignee_id)
        case = new if loss is None else replace(new, loss_id=loss.id)
        if not await store.add(transaction, case):
            raise WinbackOpen("read it: GET /customers/v1/winbacks?customer_id=&open=true")
        await outbox.append(transaction, [events.opened(case)])
        await audit.enter(transaction, by, "winback.opened", case.id)
        if loss is not None:
            await losses_said.keep_said(context, transaction, loss, {"kind": kind, "cause": cause}, by=by)
    return case


async def offer(context: Context, id_: UUID, amount: Decimal, text: str, *, by: UUID, viewer: UUID | None) -> Winback:
    """Offers something: up to the limit it is agreed, above it waits for a word; offered anew, the last one counts.

    Raises WinbackNotFound, WinbackEnded, Erased.
    """
    async with context.database.transaction() as transaction:
        before = await held(transaction, id_, viewer)
        await erasing.check(transaction, before.customer_id)
        after = before.offered(amount, context.words.seal(text.encode(), id_.bytes), by)
        return await _offered(context, transaction, after, by, "winback.offered")


async def decide(context: Context, id_: UUID, approve: bool, *, by: UUID, viewer: UUID | None) -> Winback:
    """Approves or refuses what is offered above the limit.

    Raises WinbackNotFound, WinbackEnded, OfferDecided, OwnOffer.
    """
    async with context.database.transaction() as transaction:
        before = await held(transaction, id_, viewer)
        return await _offered(context, transaction, before.decided(approve, by), by, "winback.decided")


async def end(context: Context, id_: UUID, outcome: Outcome, text: str, *, by: UUID, viewer: UUID | None) -> Winback:
    """Says what came of a case; who returned is observed. Raises WinbackNotFound, WinbackEnded."""
    async with context.database.transaction() as transaction:
        before = await held(transaction, id_, viewer)
        words = await sealed(context, transaction, before, text)
        observed = (await store.policy_of(transaction, before.policy_version)).observed_days
        after = before.ended(outcome, context.clock.now(), by, words, observed_days=observed)
        return await _ended(transaction, after, by)


async def dismiss(
    context: Context,
    id_: UUID,
    text: str,
    approver_id: UUID,
    means: DismissalMeans | None,
    *,
    by: UUID,
    viewer: UUID | None,
) -> Winback:
    """Dismisses the customer: a decision with a reason and with somebody else who approves it.

    Raises WinbackNotFound, WinbackEnded, UnknownApprover.
    """
    async with context.database.transaction() as transaction:
        before = await held(transaction, id_, viewer)
        await check_approver(transaction, approver_id, by)
        words = await sealed(context, transaction, before, text)
        after = before.ended("dismissed", context.clock.now(), by, words, approver_id=approver_id, means=means)
        return await _ended(transaction, after, by)


async def check_approver(transaction: Connection, approver_id: UUID, by: UUID) -> None:
    """Raises UnknownApprover."""
    if approver_id == by or not await store.approves(transaction, approver_id):
        raise UnknownApprover(
            "name a manager of customer service or sales, or the general manager, who is not yourself",
            pointer="#/approver_id",
        )


async def hand_over(
    context: Context, id_: UUID, assignee_id: UUID, expected_version: int | None, *, by: UUID, viewer: UUID | None
) -> Winback:
    """Gives a case into somebody's care.

    Raises WinbackNotFound, WinbackEnded, UnknownStaff, PreconditionRequired, Stale.
    """
    async with context.database.transaction() as transaction:
        before = await held(transaction, id_, viewer)
        check_version(before.version, expected_version)
        await _check_staff(transaction, assignee_id)
        after = before.owned(assignee_id)
        if after != before:
            await store.save(transaction, replace(after, updated_at=context.clock.now()))
            await audit.enter(transaction, by, "winback.handed_over", id_)
        return after


async def set_policy(
    context: Context,
    terms: Mapping[Tier, TierTerms],
    margin: Decimal,
    days: int,
    observed_days: int | None,
    expected_version: int | None,
    *,
    by: UUID,
) -> WinbackPolicy:
    """Makes the next version, for cases that are opened from now on. How long somebody is observed stays where it is
    None.

    Raises PreconditionRequired, Stale, WinbackPolicyRefused.
    """
    async with context.database.transaction() as transaction:
        await store.hold_policy(transaction)
        present = await store.policy(transaction)
        check_version(present.version, expected_version)
        observed = observed_days or present.observed_days
        following = WinbackPolicy(
            present.version + 1, terms, margin, days, observed, new_id(), set_at=context.clock.now(), set_by=by
        )
        domain.check_policy(following)
        await store.add_policy(transaction, following)
        await scheme.announce(context, transaction)
        await audit.enter(transaction, by, "winback_policy.versioned", following.id)
    return following


async def _offered(context: Context, transaction: Connection, case: Winback, by: UUID, what: str) -> Winback:
    now = context.clock.now()
    await store.save(transaction, replace(case, updated_at=now))
    await outbox.append(transaction, [events.offered(case, now)])
    await audit.enter(transaction, by, what, case.id)
    return case


async def _ended(transaction: Connection, case: Winback, by: UUID) -> Winback:
    await store.save(transaction, replace(case, updated_at=case.ended_at))
    await outbox.append(transaction, [events.ended(case)])
    await audit.enter(transaction, by, f"winback.{case.outcome}", case.id)
    return case


async def _check_staff(transaction: Connection, staff_id: UUID) -> None:
    if not await store.is_staff(transaction, staff_id):
        raise UnknownStaff("nobody of the directory has this id", pointer="#/assignee_id")


async def sealed(context: Context, transaction: Connection, case: Winback, text: str) -> bytes | None:
    """What is said of how a case ended; of who was erased it ends, and nothing is written."""
    if await erasing.is_erased(transaction, case.customer_id):
        return None
    return context.words.seal(text.encode(), case.id.bytes)


async def held(transaction: Connection, id_: UUID, viewer: UUID | None) -> Winback:
    """A case whose customer is held, so that an erasure comes before or after. Raises WinbackNotFound."""
    customer_id = await store.whose(transaction, id_)
    if customer_id is not None:
        await locks.customers(transaction, [customer_id])
    found = await store.locked(transaction, id_, viewer=viewer)
    if found is None:
        raise WinbackNotFound("no win-back case has this id")
    return found

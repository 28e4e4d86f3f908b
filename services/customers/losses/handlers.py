"""Keeping who is lost and who came back, as they are judged; and saying how and why they left."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from services.customers.context import Context
from services.customers.heads.store import erasing
from services.customers.lifecycle.domain import Life
from services.customers.losses import domain, events, store
from services.customers.losses.domain import (
    ChurnCause,
    ChurnCauseTaken,
    Judged,
    Left,
    Loss,
    LossNotFound,
    UnknownChurnCause,
)
from services.customers.tiers.store.policies import version_on
from shared import audit
from shared.bus import outbox
from shared.db import Connection
from shared.ids import new_id
from shared.months import Month
from shared.versions import check_version


async def judged(
    context: Context,
    transaction: Connection,
    found: Judged,
    *,
    history: Collection[UUID],
    past: Collection[UUID],
) -> None:
    """Keeps who is found lost, and whose loss is over; tells of the lost, and of losses that never were. Who is lost
    still has a loss, unless it was found before losses were kept: then it has one now. Of them, and of whom `history`
    names, it is no news, nor of a loss that is `past`. Losses that are over, or were withdrawn, are looked at anew of
    who was touched. Whoever judges holds what these are."""
    now = context.clock.now()
    withdrawn: list[Loss] = []
    unkept = await store.without(transaction, list(found.still)) if found.still else []
    lost, history = {**found.lost, **{id_: found.still[id_] for id_ in unkept}}, {*history, *unkept}
    silent = {*history, *past}
    if found.back:
        over = await store.are_back(transaction, found.back, now)
        withdrawn += [each for each in over if each.withdrawn_at is not None]
    if lost:
        known = {each.customer_id: each for each in sorted(await store.held(transaction, lost), key=_place)}
        until = [Month(day.year, day.month).plus(-1) for day in lost.values()] if found.bought_again else ()
        policy = await version_on(transaction, context.today())
        kept = [
            domain.lost(
                new_id(),
                each,
                lost[each.customer_id],
                now,
                known.get(each.customer_id),
                historical=each.customer_id in history,
            )
            for each in await store.left(transaction, list(lost), policy, until)
        ]
        await store.save(transaction, kept)
        await outbox.append(
            transaction, [events.confirmed(each, now, historical=each.customer_id in silent) for each in kept]
        )
    put_right = await _put_right(transaction, found.touched, now) if found.touched else []
    await _tell(transaction, withdrawn + put_right, now, history)


async def _put_right(transaction: Connection, lives: Mapping[UUID, Life], at: datetime) -> list[Loss]:
    """Those of losses that do not stand of which something has to be told: that they never were, or were after all."""
    versions: dict[UUID, int] = {}
    over: dict[UUID, list[Loss]] = {}
    for loss in await store.over(transaction, list(lives)):
        over.setdefault(loss.customer_id, []).append(loss)
        versions[loss.id] = loss.version
    changed = [each for id_, losses in over.items() for each in domain.put_right(losses, lives[id_], at)]
    if changed:
        await store.save(transaction, changed)
    return [each for each in changed if each.version != versions[each.id]]


async def _tell(transaction: Connection, changed: Sequence[Loss], at: datetime, history: Collection[UUID]) -> None:
    """Who never was lost; and who was after all and has come back since, which is no news."""
    await outbox.append(
        transaction,
        [
            events.confirmed(each, at, historical=True)
            if each.withdrawn_at is None
            else events.withdrawn(each, at, historical=each.customer_id in history)
            for each in changed
        ],
    )


def _place(loss: Loss) -> bool:
    """What stands comes last, and counts."""
    return loss.stands


async def left(context: Context, transaction: Connection, customer_id: UUID) -> Left:
    """What a held customer was worth before it left, by the tier policy of today."""
    [found] = await store.left(transaction, [customer_id], await version_on(transaction, context.today()))
    return found


async def say(
    context: Context,
    id_: UUID,
    said: Mapping[str, Any],
    expected_version: int | None,
    *,
    by: UUID,
    viewer: UUID | None,
) -> Loss:
    """Says how and why a customer left.

    Raises LossNotFound, UnknownChurnCause, CustomerReturned, NeverLost, PreconditionRequired, Stale, Erased.
    """
    async with context.database.transaction() as transaction:
        before = await store.locked(transaction, id_, viewer=viewer)
        if before is None:
            raise LossNotFound("no loss has this id")
        check_version(before.version, expected_version)
        before.check_stands()
        if "cause" in said:
            await check_cause(transaction, said["cause"])
        what = {name: value for name, value in said.items() if name != "text"}
        if "text" in said:
            await erasing.check(transaction, before.customer_id)
            text = said["text"]
            what["words"] = None if text is None else context.words.seal(text.encode(), id_.bytes)
        return await keep_said(context, transaction, before, what, by=by)


async def add_cause(context: Context, cause: ChurnCause, *, by: UUID) -> ChurnCause:
    """Lists a further cause. Raises ChurnCauseTaken."""
    async with context.database.transaction() as transaction:
        if not await store.add_cause(transaction, cause):
            raise ChurnCauseTaken("choose another code", pointer="#/code")
        await audit.enter(transaction, by, "churn_cause.added")
    return cause


async def check_cause(transaction: Connection, code: str) -> None:
    """Raises UnknownChurnCause."""
    if not await store.has_cause(transaction, code):
        raise UnknownChurnCause("read the causes: GET /customers/v1/churn-causes", pointer="#/cause")


async def keep_said(
    context: Context, transaction: Connection, before: Loss, what: Mapping[str, Any], *, by: UUID
) -> Loss:
    """What is said of a held loss that stands: kind, cause, words."""
    now = context.clock.now()
    after = before.said(what, now, by)
    if after != before:
        await store.save(transaction, [after])
        await outbox.append(transaction, [events.cause_said(after, now)])
        await audit.enter(transaction, by, "loss.cause_said", after.id)
    return after

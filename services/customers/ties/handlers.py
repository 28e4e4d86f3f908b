"""Entering what ties a customer, prolonging it, putting it right, ending it."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from services.customers.changes import store as changes_made
from services.customers.context import Context
from services.customers.heads.store import erasing, rows
from services.customers.ties import domain, store
from services.customers.ties.domain import Tie, TieNotFound
from shared import audit
from shared.contracts.early_warnings import TieKind
from shared.db import Connection
from shared.ids import new_id
from shared.versions import check_version


async def enter(
    context: Context,
    customer_id: UUID,
    kind: TieKind,
    *,
    ends_on: date | None,
    benefit: Decimal | None,
    text: str | None,
    by: UUID,
    viewer: UUID | None,
) -> Tie:
    """Enters what ties a customer. Raises CustomerNotFound, TieRefused, Erased."""
    now, id_ = context.clock.now(), new_id()
    new = Tie(id_, 1, customer_id, kind, ends_on, benefit, _sealed(context, text, id_), now, by)
    new.check(context.today())
    async with context.database.transaction() as transaction:
        await rows.locked(transaction, customer_id, viewer=viewer)
        await erasing.check(transaction, customer_id)
        await store.add(transaction, new)
        await _written(transaction, None, new, "tie.entered", at=now, by=by)
    return new


async def change(
    context: Context,
    id_: UUID,
    said: Mapping[str, Any],
    expected_version: int | None,
    *,
    by: UUID,
    viewer: UUID | None,
) -> Tie:
    """Prolongs a tie, puts it right, ends it.

    Raises TieNotFound, PreconditionRequired, Stale, TieEnded, TieRefused, Erased.
    """
    now = context.clock.now()
    async with context.database.transaction() as transaction:
        before = await store.locked(transaction, id_, viewer=viewer)
        if before is None:
            raise TieNotFound("no tie that was entered has this id")
        check_version(before.version, expected_version)
        stands = {name: value for name, value in said.items() if name != "text"}
        if "text" in said:
            await erasing.check(transaction, before.customer_id)
            stands["words"] = _sealed(context, said["text"], id_)
        after = before.put_right(stands, now)
        if after == before:
            return before
        after.check(before.entered_at.astimezone(context.zone).date())
        await store.save(transaction, after)
        await _written(transaction, before, after, "tie.ended" if said.get("ended") else "tie.changed", at=now, by=by)
    return after


async def _written(
    transaction: Connection, before: Tie | None, after: Tie, what: str, *, at: datetime, by: UUID
) -> None:
    """What the customer's history keeps, and who did it."""
    await changes_made.keep(transaction, after.customer_id, domain.differences(before, after), at=at, by=by)
    await audit.enter(transaction, by, what, after.id)


def _sealed(context: Context, text: str | None, id_: UUID) -> bytes | None:
    return None if text is None else context.words.seal(text.encode(), id_.bytes)

"""Naming key accounts, handing them over, ending them, and scoring customers."""

from collections.abc import Mapping
from dataclasses import replace
from uuid import UUID

from services.customers.context import Context
from services.customers.heads.store import erasing, rows
from services.customers.key_accounts.domain.accounts import (
    FROM_DATA,
    KeyAccount,
    KeyAccountScore,
    KeyAccountStands,
    KeyCriterion,
    NoKeyAccount,
    ScoreIncomplete,
    graded,
    weighed,
)
from services.customers.key_accounts.store import accounts, policy
from services.customers.organisation import store as organisation
from shared import audit
from shared.db import Connection
from shared.ids import new_id
from shared.references import UnknownStaff
from shared.versions import check_version


async def name(
    context: Context, customer_id: UUID, reason: str, *, assignee_id: UUID, by: UUID, viewer: UUID | None
) -> KeyAccount:
    """Names a customer a key account. Raises CustomerNotFound, KeyAccountStands, UnknownStaff, Erased."""
    id_ = new_id()
    named = KeyAccount(
        id_,
        1,
        customer_id,
        assignee_id,
        context.words.seal(reason.encode(), id_.bytes),
        context.clock.now(),
        by,
    )
    async with context.database.transaction() as transaction:
        await rows.locked(transaction, customer_id, viewer=viewer)
        await erasing.check(transaction, customer_id)
        if await accounts.standing(transaction, customer_id) is not None:
            raise KeyAccountStands("read it: GET /customers/v1/customers/{id}/key-account")
        await check_staff(transaction, assignee_id)
        await accounts.add(transaction, named)
        await audit.enter(transaction, by, "key_account.named", id_)
    return named


async def hand_over(
    context: Context,
    customer_id: UUID,
    assignee_id: UUID,
    expected_version: int | None,
    *,
    by: UUID,
    viewer: UUID | None,
) -> KeyAccount:
    """Gives a key account into somebody's care.

    Raises CustomerNotFound, NoKeyAccount, UnknownStaff, PreconditionRequired, Stale.
    """
    async with context.database.transaction() as transaction:
        before = await held(transaction, customer_id, viewer)
        check_version(before.version, expected_version)
        await check_staff(transaction, assignee_id)
        after = before.kept_by(assignee_id)
        if after != before:
            after = replace(after, updated_at=context.clock.now())
            await accounts.save(transaction, after)
            await audit.enter(transaction, by, "key_account.handed_over", after.id)
    return after


async def end(context: Context, customer_id: UUID, reason: str, *, by: UUID, viewer: UUID | None) -> KeyAccount:
    """Says that a customer is no key account any more. Raises CustomerNotFound, NoKeyAccount, Erased."""
    async with context.database.transaction() as transaction:
        before = await held(transaction, customer_id, viewer)
        words = context.words.seal(reason.encode(), before.id.bytes)
        now = context.clock.now()
        after = replace(before.ended(now, by, words), updated_at=now)
        await accounts.save(transaction, after)
        await audit.enter(transaction, by, "key_account.ended", after.id)
    return after


async def score(
    context: Context,
    customer_id: UUID,
    said: Mapping[KeyCriterion, int],
    reason: str | None,
    *,
    by: UUID,
    viewer: UUID | None,
) -> KeyAccountScore:
    """Scores a customer, key account or not: what staff say, and of the rest what the data say.

    Raises CustomerNotFound, ScoreIncomplete, Erased.
    """
    id_ = new_id()
    if reason is None and any(criterion in said for criterion in FROM_DATA):
        raise ScoreIncomplete("who says otherwise than the data says why", pointer="#/reason")
    async with context.database.transaction() as transaction:
        await rows.locked(transaction, customer_id, viewer=viewer)
        await erasing.check(transaction, customer_id)
        rule = await policy.present(transaction)
        bought = await accounts.bought(transaction, customer_id, context.running_month(), context.zone)
        grades = graded(said, bought, rule)
        made = KeyAccountScore(
            id=id_,
            customer_id=customer_id,
            criteria=grades,
            said=[criterion for criterion in grades if criterion in said],
            score=weighed(grades, rule),
            monthly=bought.monthly,
            brand_share=bought.brand_share,
            days=bought.days,
            policy_version=rule.version,
            scored_at=context.clock.now(),
            scored_by=by,
            words=None if reason is None else context.words.seal(reason.encode(), id_.bytes),
        )
        await accounts.add_score(transaction, made)
        await audit.enter(transaction, by, "key_account.scored", id_)
    return made


async def held(transaction: Connection, customer_id: UUID, viewer: UUID | None) -> KeyAccount:
    """The key account that a customer is, held with the customer until the transaction ends.

    Raises CustomerNotFound, NoKeyAccount, Erased.
    """
    await rows.locked(transaction, customer_id, viewer=viewer)
    await erasing.check(transaction, customer_id)
    found = await accounts.standing(transaction, customer_id)
    if found is None:
        raise NoKeyAccount("name it: POST /customers/v1/customers/{id}/key-account")
    return found


async def check_staff(transaction: Connection, staff_id: UUID) -> None:
    """Raises UnknownStaff for nobody who is at work."""
    if await organisation.role_at_work(transaction, staff_id) is None:
        raise UnknownStaff("GET /customers/v1/staff lists colleagues", pointer="#/assignee_id")

"""Reading key accounts that the viewer sees, and their scores."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from services.customers.context import Context
from services.customers.heads.store import rows
from services.customers.heads.store.names import beside, name_of
from services.customers.heads.store.visibility import sees
from services.customers.key_accounts.domain.accounts import (
    KeyAccount,
    KeyAccountPolicy,
    KeyAccountScore,
    NoKeyAccount,
)
from services.customers.key_accounts.store import policy
from services.customers.key_accounts.store.accounts import FIELDS, SCORED
from services.customers.worth_policies import queries as worth_policies
from shared.statement import Statement

FROM_THE_END: Final = UUID(int=2**128 - 1)


@dataclass(frozen=True, slots=True)
class ReadKeyAccount(KeyAccount):
    """A key account with the names of its customer (of a person there is none) and of who cares for it."""

    customer_name: str | None = None
    assignee_name: str | None = None


@dataclass(frozen=True, slots=True)
class ListedKeyAccount:
    """A key account with its last score, and how much that is above the one before (None: there was none)."""

    account: ReadKeyAccount
    score: Decimal | None
    scored_at: datetime | None
    trend: Decimal | None


def _listed(
    score: Decimal | None, scored_at: datetime | None, trend: Decimal | None, **account: Any
) -> ListedKeyAccount:
    return ListedKeyAccount(ReadKeyAccount(**account), score, scored_at, trend)


_COLUMNS: Final = ", ".join(f"a.{name}" for name in FIELDS)
_NAMES: Final = beside(
    customer_name=name_of("customer", "a.customer_id"), assignee_name=name_of("staff", "a.assignee_id")
)
_STANDING: Final = Statement(
    "SELECT {columns}, {names} FROM key_account a WHERE a.customer_id = :customer_id AND a.ended_at IS NULL",
    ReadKeyAccount,
    columns=_COLUMNS,
    names=_NAMES,
)
_WRITTEN: Final = Statement(
    "SELECT {columns}, {names} FROM key_account a WHERE a.id = :id", ReadKeyAccount, columns=_COLUMNS, names=_NAMES
)
_LISTED: Final = Statement(
    """
    SELECT {columns}, {names}, last.score, last.scored_at, last.score - previous.score AS trend
    FROM key_account a
    LEFT JOIN LATERAL (
        SELECT s.id, s.score, s.scored_at FROM key_account_score s
        WHERE s.customer_id = a.customer_id ORDER BY s.id DESC LIMIT 1
    ) last ON true
    LEFT JOIN LATERAL (
        SELECT s.score FROM key_account_score s
        WHERE s.customer_id = a.customer_id AND s.id < last.id ORDER BY s.id DESC LIMIT 1
    ) previous ON true
    WHERE a.id < :before AND (a.ended_at IS NOT NULL) = :ended::boolean
        AND (CAST(:assignee_id AS uuid) IS NULL OR a.assignee_id = :assignee_id)
        AND (CAST(:customer_id AS uuid) IS NULL OR a.customer_id = :customer_id)
        AND {seen}
    ORDER BY a.id DESC LIMIT :most
    """,
    _listed,
    columns=_COLUMNS,
    names=_NAMES,
    seen=sees("a.customer_id"),
)
"""By hand: each with its last two scores. There are as many key accounts as a company cares for one by one."""
_SCORES: Final = Statement(
    """
    SELECT {fields} FROM key_account_score
    WHERE customer_id = :customer_id AND id < :before ORDER BY id DESC LIMIT :most
    """,
    KeyAccountScore,
    fields=", ".join(SCORED),
)


async def read(context: Context, customer_id: UUID, *, viewer: UUID | None) -> ReadKeyAccount:
    """The key account that a customer is. Raises CustomerNotFound, NoKeyAccount."""
    await rows.head(context.database, customer_id, viewer=viewer)
    found = await _STANDING.one(context.database, customer_id=customer_id)
    if found is None:
        raise NoKeyAccount("name it: POST /customers/v1/customers/{id}/key-account")
    return found


async def written(context: Context, id_: UUID) -> ReadKeyAccount:
    """One that was written just now."""
    [found] = await _WRITTEN.all(context.database, id=id_)
    return found


async def page(
    context: Context,
    ended: bool,
    assignee_id: UUID | None,
    customer_id: UUID | None,
    before: UUID | None,
    most: int,
    *,
    viewer: UUID | None,
) -> list[ListedKeyAccount]:
    """Key accounts of customers whom the viewer sees, the latest first."""
    return await _LISTED.all(
        context.database,
        ended=ended,
        assignee_id=assignee_id,
        customer_id=customer_id,
        before=before or FROM_THE_END,
        most=most,
        viewer=viewer,
    )


async def scores(
    context: Context, customer_id: UUID, before: UUID | None, most: int, *, viewer: UUID | None
) -> list[KeyAccountScore]:
    """The scorings of a customer, the latest first. Raises CustomerNotFound."""
    await rows.head(context.database, customer_id, viewer=viewer)
    return await _SCORES.all(context.database, customer_id=customer_id, before=before or FROM_THE_END, most=most)


async def present_policy(context: Context) -> KeyAccountPolicy:
    """The version that holds now."""
    return await policy.present(context.database)


async def policy_versions(context: Context, after: int | None, most: int) -> list[KeyAccountPolicy]:
    """Every version, oldest first."""
    return await worth_policies.every(context, policy.VERSIONS, after, most)


async def policy_version(context: Context, number: int) -> KeyAccountPolicy:
    """One version. Raises PolicyVersionNotFound."""
    return await worth_policies.numbered(context, policy.VERSIONS, number)

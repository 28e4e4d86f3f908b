"""Clock policies in the database: every version stays."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Text, func, null, select, update
from sqlalchemy import cast as as_type
from sqlmodel import col

from services.complaints.rulebook.domain.levels import MISS_ALONE, usual
from services.complaints.rulebook.domain.policies import ClockPolicy
from services.complaints.rulebook.store import levels as kept_levels
from services.complaints.rulebook.tables import ClockPolicyRow
from shared.contracts.complaints import ClockKind
from shared.db import Connection
from shared.personal import Vault
from shared.statement import Reader, Scalar, Statement, given, insert_one, table, update_many


def _policy(answer_seconds: int, levels: str | None, kind: ClockKind, **named: Any) -> ClockPolicy:
    kept = kept_levels.read(levels, usual(kind))
    return ClockPolicy(answer_within=timedelta(seconds=answer_seconds), levels=kept, kind=kind, **named)


_KEPT = ("id", "version", "answer_seconds", "tier", "subject", "calendar", "starts_at", "withdrawn_at", "kind")
_LEVELS = as_type(col(ClockPolicyRow.levels), Text).label("levels")


def levels_of(policy_version: Any) -> Any:
    """The levels of the policy that fixed a clock, read with its row in one round trip; a policy never changes."""
    fixed_by = col(ClockPolicyRow.version) == policy_version
    return select(as_type(col(ClockPolicyRow.levels), Text)).where(fixed_by).scalar_subquery().label("levels")


_LATEST_FIRST = select(*(table(ClockPolicyRow).c[name] for name in _KEPT), _LEVELS).order_by(
    col(ClockPolicyRow.version).desc()
)
_WITH_A_MOMENT = _LATEST_FIRST.where(func.isfinite(col(ClockPolicyRow.starts_at)))
"""An earlier release took moments that a database keeps as infinite: nothing can be compared with them."""
_EVERY = Statement(_WITH_A_MOMENT.where(col(ClockPolicyRow.withdrawn_at).is_(None)), _policy)
_BELOW = Statement(
    _LATEST_FIRST.where(
        col(ClockPolicyRow.version) < given("version"), func.isfinite(col(ClockPolicyRow.starts_at))
    ).limit(given("most")),
    _policy,
)
_ONE = Statement(_LATEST_FIRST.where(col(ClockPolicyRow.id) == given("id")), _policy)
_WITHDRAW = Statement(
    update(table(ClockPolicyRow))
    .values(withdrawn_at=given("at"), withdrawn_by=given("by"), withdrawn_words=given("words"))
    .where(col(ClockPolicyRow.id) == given("id"))
)
_IN_THE_OPEN = Statement(
    select(col(ClockPolicyRow.version), col(ClockPolicyRow.id), col(ClockPolicyRow.withdrawn_because))
    .where(col(ClockPolicyRow.withdrawn_because).is_not(None))
    .with_for_update(skip_locked=True)
)
_SEAL = Statement(update_many(ClockPolicyRow, "version", "withdrawn_words", key=("version",), withdrawn_because=null()))
_LATEST_VERSION = Scalar(select(func.max(col(ClockPolicyRow.version))), int)
_ADD = Statement(
    insert_one(
        ClockPolicyRow, *(name for name in _KEPT if name != "withdrawn_at"), "levels", "created_at", "created_by"
    )
)


async def every(reader: Reader) -> list[ClockPolicy]:
    """Every version that holds, the latest first."""
    return await _EVERY.all(reader)


async def below(reader: Reader, version: int, most: int) -> list[ClockPolicy]:
    """So many versions below one, the latest first."""
    return await _BELOW.all(reader, version=version, most=most)


async def one(transaction: Connection, id_: UUID) -> ClockPolicy | None:
    """The policy with this id, withdrawn or not."""
    return await _ONE.one(transaction, id=id_)


async def withdraw(transaction: Connection, policy: ClockPolicy, reason: str, by: UUID, vault: Vault) -> None:
    """Writes that it is withdrawn, by whom and, sealed, why."""
    words = vault.seal(reason.encode(), policy.id.bytes)
    await _WITHDRAW.execute(transaction, id=policy.id, at=policy.withdrawn_at, by=by, words=words)


async def seal_reasons(transaction: Connection, vault: Vault) -> int:
    """Seals reasons that an earlier release wrote in the open; how many."""
    rows = await _IN_THE_OPEN.all(transaction)
    if rows:
        await _SEAL.execute(
            transaction,
            version=[row["version"] for row in rows],
            withdrawn_words=[vault.seal(row["withdrawn_because"].encode(), row["id"].bytes) for row in rows],
        )
    return len(rows)


async def latest_version(reader: Reader) -> int:
    return await _LATEST_VERSION.only(reader)


async def add(transaction: Connection, policy: ClockPolicy, created_at: datetime, created_by: UUID) -> None:
    columns = {name: getattr(policy, name) for name in _KEPT if name not in ("answer_seconds", "withdrawn_at")}
    await _ADD.execute(
        transaction,
        **columns,
        answer_seconds=int(policy.answer_within.total_seconds()),
        levels=kept_levels.written(policy.levels) if policy.levels != MISS_ALONE else None,
        created_at=created_at,
        created_by=created_by,
    )

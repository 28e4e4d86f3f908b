"""Rewards in the database; reasons in words lie sealed."""

from dataclasses import asdict, fields
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from services.complaints.rewards.domain.rewards import Reward, RewardEntry, RewardState
from services.complaints.rewards.tables import RewardEntryRow, RewardRow
from shared.db import Connection
from shared.personal import Vault
from shared.statement import Reader, Statement, given, insert_one, table, update_many

FIELDS: Final = tuple(field.name for field in fields(Reward))
_CHANGES = ("version", "state", "amount", "decided_by", "decided_at", "reversed_by", "reversed_at")
_KEPT = ("id", "reward_id", "what", "at", "by", "amount", "words")


def reward_of(state: str, **row: Any) -> Reward:
    return Reward(state=RewardState(state), **row)


_ADD = Statement(insert_one(RewardRow, *FIELDS))
_LOCK = Statement(
    select(*(table(RewardRow).c[name] for name in FIELDS)).where(col(RewardRow.id) == given("id")).with_for_update(),
    reward_of,
)
_SAVE = Statement(update_many(RewardRow, "id", *_CHANGES))
_ENTER = Statement(insert_one(RewardEntryRow, *_KEPT))
_ENTRIES = Statement(
    select(*(table(RewardEntryRow).c[name] for name in _KEPT))
    .where(col(RewardEntryRow.reward_id) == given("reward_id"))
    .order_by(col(RewardEntryRow.id))
)


async def add(transaction: Connection, reward: Reward) -> None:
    """Adds a reward that is proposed."""
    await _ADD.execute(transaction, **asdict(reward))


async def lock(transaction: Connection, id_: UUID) -> Reward | None:
    """The reward, held until the transaction ends; None when there is none."""
    return await _LOCK.one(transaction, id=id_)


async def save(transaction: Connection, reward: Reward) -> None:
    """Writes what became of a held reward."""
    await _SAVE.execute(transaction, **{name: [getattr(reward, name)] for name in ("id", *_CHANGES)})


async def enter(transaction: Connection, vault: Vault, entry: RewardEntry) -> None:
    """Writes down what happened to a reward, and why, sealed."""
    kept = asdict(entry)
    words = vault.seal(kept.pop("reason").encode(), entry.id.bytes)
    await _ENTER.execute(transaction, **kept, words=words)


async def entries_of(reader: Reader, vault: Vault, reward_id: UUID) -> list[RewardEntry]:
    """What happened to a reward, in order."""
    return [_entry(vault, **row) for row in await _ENTRIES.all(reader, reward_id=reward_id)]


def _entry(vault: Vault, *, words: bytes, what: str, **kept: Any) -> RewardEntry:
    reason = vault.open(words, kept["id"].bytes).decode()
    return RewardEntry(what=RewardState(what), reason=reason, **kept)

"""Opportunities in the database; what was said of them is sealed on the way in and opened on the way out."""

from dataclasses import asdict, fields
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import asyncpg
import orjson
from asyncpg import Record
from sqlalchemy import select
from sqlmodel import col

from services.customers.heads.store.visibility import sees
from services.customers.opportunities.domain import Opportunity, Past, Stage, StageTaken
from services.customers.opportunities.tables import OpportunityRow, OpportunityStageRow, OpportunityVersionRow
from shared.auth import visibility
from shared.db import Connection
from shared.personal import Vault
from shared.statement import Reader, Scalar, Statement, given, insert_one, table, update_many, with_parts

SAID: Final = ("next_step", "lost_reason")
"""What somebody wrote."""
_OPEN: Final = tuple(each.name for each in fields(Opportunity) if each.name not in (*SAID, "usual"))
_WRITTEN: Final = (*_OPEN, "words")
_PAST: Final = tuple(each.name for each in fields(Past))
_STAGE: Final = tuple(each.name for each in fields(Stage))
STAGES: Final = select(*(table(OpportunityStageRow).c[name] for name in _STAGE))
PASTS: Final = select(*(table(OpportunityVersionRow).c[name] for name in _PAST))
_MINE: Final = visibility.subordinates(":viewer", staff="staff", departments="department")
SEEN: Final = with_parts(
    """(CAST(:viewer AS uuid) IS NULL OR o.owner_id IN ({mine})
        OR EXISTS (SELECT FROM prospect q WHERE q.id = o.prospect_id AND q.owner_id IN ({mine}))
        OR o.customer_id IS NOT NULL AND {customer})""",
    mine=_MINE,
    customer=sees("o.customer_id"),
)
"""Whether the viewer sees an opportunity o: it is theirs, their prospect's, or that of a customer whom they see."""


def opportunities(*further: str) -> str:
    """What `opened` needs of opportunities o, and further columns."""
    return with_parts(
        "SELECT {columns} FROM opportunity o JOIN opportunity_stage s ON s.code = o.stage",
        columns=", ".join((*(f"o.{name}" for name in _WRITTEN), "s.probability AS usual", *further)),
    )


OPPORTUNITIES: Final = opportunities()
_ADD: Final = Statement(insert_one(OpportunityRow, *_WRITTEN))
_SAVE: Final = Statement(update_many(OpportunityRow, *_WRITTEN))
_KEEP: Final = Statement(insert_one(OpportunityVersionRow, "opportunity_id", *_PAST))
_LOCKED: Final = Statement(
    "{opportunities} WHERE o.id = :id AND {seen} FOR UPDATE OF o", opportunities=OPPORTUNITIES, seen=SEEN
)
_WHOSE: Final = Scalar("SELECT customer_id FROM opportunity WHERE id = :id AND customer_id IS NOT NULL", UUID)
_READ_STAGE: Final = Statement(STAGES.where(col(OpportunityStageRow.code) == given("code")), Stage)
_ADD_STAGE: Final = Statement(insert_one(OpportunityStageRow, *_STAGE))
_PROSPECT: Final = Scalar(
    """
    SELECT p.id FROM prospect p WHERE p.id = :id AND p.state = 'open'
        AND (CAST(:viewer AS uuid) IS NULL OR p.owner_id IN ({mine})) FOR SHARE OF p
    """,
    UUID,
    mine=_MINE,
)
"""By hand: a prospect is held against becoming a customer meanwhile."""
_GO_OVER: Final = Scalar(
    """
    UPDATE opportunity SET customer_id = :customer_id, version = version + 1
    WHERE prospect_id = :prospect_id RETURNING id
    """,
    UUID,
)
_KEEP_AS_THEY_STAND: Final = Statement(
    """
    INSERT INTO opportunity_version (opportunity_id, {columns})
    SELECT id, version, stage, amount, probability, owner_id, next_step_on, closes_on, outcome, :at, :by
    FROM opportunity WHERE id = ANY(:ids::uuid[])
    """,
    columns=", ".join(_PAST),
)
"""By hand: read where they stand."""


def opened(row: Record, vault: Vault) -> Opportunity:
    """The opportunity in a row of OPPORTUNITIES."""
    said = words_in(row, vault)
    stands: dict[str, Any] = {name: row[name] for name in (*_OPEN, "usual")}
    return Opportunity(**stands | {name: said.get(name) for name in SAID})


def words_in(row: Record, vault: Vault) -> dict[str, Any]:
    """What was said of the opportunity in a row with `id` and `words`."""
    if row["words"] is None:
        return {}
    said: dict[str, Any] = orjson.loads(vault.open(row["words"], row["id"].bytes))
    return said


async def add(transaction: Connection, vault: Vault, new: Opportunity) -> None:
    """Adds an opportunity and keeps how it began."""
    await _ADD.execute(transaction, **_row(vault, new))
    await _keep(transaction, new, new.entered_at, new.entered_by)


async def save(transaction: Connection, vault: Vault, held: Opportunity, *, at: datetime, by: UUID) -> None:
    """Writes a held opportunity as it stands, and keeps that it did."""
    await _SAVE.execute(transaction, **{name: [value] for name, value in _row(vault, held).items()})
    await _keep(transaction, held, at, by)


async def locked(transaction: Connection, vault: Vault, id_: UUID, *, viewer: UUID | None) -> Opportunity | None:
    """An opportunity that the viewer sees, held until the transaction ends."""
    row = await _LOCKED.one(transaction, id=id_, viewer=viewer)
    return None if row is None else opened(row, vault)


async def whose(reader: Reader, id_: UUID) -> UUID | None:
    """Which customer's it is; None for a prospect's."""
    return await _WHOSE.one(reader, id=id_)


async def stage(reader: Reader, code: str) -> Stage | None:
    return await _READ_STAGE.one(reader, code=code)


async def add_stage(transaction: Connection, new: Stage) -> None:
    """Raises StageTaken."""
    try:
        await _ADD_STAGE.execute(transaction, **asdict(new))
    except asyncpg.UniqueViolationError:
        raise StageTaken("choose another code and another position", pointer="#/code") from None


async def is_open_prospect(transaction: Connection, id_: UUID, *, viewer: UUID | None) -> bool:
    """Whether there is such a prospect whom the viewer sees; they are held."""
    return await _PROSPECT.one(transaction, id=id_, viewer=viewer) is not None


async def go_over(transaction: Connection, prospect_id: UUID, customer_id: UUID, *, at: datetime, by: UUID) -> int:
    """Gives what a held prospect had to the customer that it becomes; how many opportunities these are."""
    ids = await _GO_OVER.all(transaction, prospect_id=prospect_id, customer_id=customer_id)
    await _KEEP_AS_THEY_STAND.execute(transaction, ids=ids, at=at, by=by)
    return len(ids)


async def _keep(transaction: Connection, stands: Opportunity, at: datetime, by: UUID) -> None:
    said = {name: getattr(stands, name) for name in _PAST if name not in ("at", "changed_by")}
    await _KEEP.execute(transaction, opportunity_id=stands.id, **said, at=at, changed_by=by)


def _row(vault: Vault, stands: Opportunity) -> dict[str, Any]:
    said = orjson.dumps({name: getattr(stands, name) for name in SAID})
    return {name: getattr(stands, name) for name in _OPEN} | {"words": vault.seal(said, stands.id.bytes)}

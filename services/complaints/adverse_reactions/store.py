"""Adverse reactions in the database."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import orjson
from sqlalchemy import Text, Uuid, func, select, update
from sqlmodel import col

from services.complaints.adverse_reactions.domain import AdverseReaction, Goods, Symptom
from services.complaints.adverse_reactions.tables import AdverseReactionRow, SymptomRow
from services.complaints.cases.domain import Details
from services.complaints.cases.store import details
from services.complaints.cases.tables import ComplaintRow
from shared.db import Connection
from shared.personal import Vault
from shared.statement import (
    Reader,
    Scalar,
    Statement,
    any_given,
    by_column,
    given,
    insert_many,
    table,
    update_many,
    upsert_many,
)

AT_ONCE: Final = 100
"""Cases whose reports one transaction tells of at most."""
_FIELDS = tuple(field.name for field in fields(AdverseReaction))
_ROW = table(AdverseReactionRow).c
_AMONG = col(AdverseReactionRow.complaint_id) == any_given("ids", Uuid)
ALL = select(*(_ROW[name] for name in _FIELDS))
_LOCK = Statement(ALL.where(_AMONG).order_by(col(AdverseReactionRow.complaint_id)).with_for_update(), AdverseReaction)
_KEEP = Statement(upsert_many(AdverseReactionRow, *_FIELDS, "next_at", key=["complaint_id"]))
_KEPT = Scalar(select(col(AdverseReactionRow.complaint_id)).where(_AMONG), UUID)
_ALARMING = Statement(
    ALL.where(
        col(AdverseReactionRow.batch_key) == given("batch_key"),
        col(AdverseReactionRow.product_key) == given("product_key"),
        col(AdverseReactionRow.counts),
        ~col(AdverseReactionRow.settled),
    ).order_by(col(AdverseReactionRow.reacted_on), col(AdverseReactionRow.complaint_id)),
    AdverseReaction,
)
_OF_GOODS = Statement(
    ALL.where(
        col(AdverseReactionRow.batch_key) == given("batch_key"),
        col(AdverseReactionRow.product_key) == given("product_key"),
    ).order_by(col(AdverseReactionRow.reacted_on), col(AdverseReactionRow.complaint_id)),
    AdverseReaction,
)
_SETTLE = Statement(
    update(table(AdverseReactionRow))
    .values(settled=True)
    .where(
        col(AdverseReactionRow.batch_key) == given("batch_key"),
        col(AdverseReactionRow.product_key) == given("product_key"),
    )
)
_DUE = Scalar(
    select(col(AdverseReactionRow.complaint_id))
    .where(col(AdverseReactionRow.next_at) <= given("now"))
    .order_by(col(AdverseReactionRow.next_at))
    .limit(AT_ONCE),
    UUID,
)
_NEXT_DUE = Scalar(
    select(func.min(col(AdverseReactionRow.next_at))).where(col(AdverseReactionRow.next_at).is_not(None)), datetime
)
_PRODUCTS = Statement(
    """
    SELECT DISTINCT batch_key, product_key FROM (
        SELECT batch_key, product_key FROM bought_batch WHERE batch_key = ANY(:keys::text[])
        UNION ALL SELECT batch_key, product_key FROM batch WHERE batch_key = ANY(:keys::text[])
    ) AS known
    WHERE product_key <> ''
    """
)
"""By hand: which products have a batch of these numbers, by what was bought and by what was recorded of batches."""
_NAMELESS = Statement(
    select(col(AdverseReactionRow.complaint_id), col(AdverseReactionRow.batch_key)).where(
        col(AdverseReactionRow.batch_key) == any_given("keys", Text), col(AdverseReactionRow.product_key) == ""
    )
)
_BUCKETS = "(SELECT DISTINCT hashtext(key) & 63 AS bucket FROM unnest(:keys::text[]) AS key ORDER BY bucket) AS buckets"
_TURN = Statement("SELECT pg_advisory_xact_lock(4018025, bucket) FROM {buckets}", buckets=_BUCKETS)
_SHARE = Statement("SELECT pg_advisory_xact_lock_shared(4018025, bucket) FROM {buckets}", buckets=_BUCKETS)
"""By hand: nothing else stands for a number of which there is no batch yet; few buckets, for an import names many."""
_SAID = ("id", "number", "customer_id", "against_type", "batch", "recorded_at", "happened_at", "taken_over")
_CASES = Statement(
    select(*(table(ComplaintRow).c[name] for name in (*_SAID, "valid", "good_faith", "words", "details"))).where(
        col(ComplaintRow.id) == any_given("ids", Uuid)
    )
)
_SAY = Statement(update_many(ComplaintRow, "id", "batch", "details"))
_SYMPTOM = table(SymptomRow).c
_USABLE = Scalar(
    "SELECT code FROM symptom WHERE code = ANY(:codes::text[]) AND active",
    str,
)
_SYMPTOMS = Statement(select(*_SYMPTOM).order_by(_SYMPTOM.code), Symptom)
_LOCK_SYMPTOM = Statement(select(*_SYMPTOM).where(_SYMPTOM.code == given("code")).with_for_update(), Symptom)
_KEEP_SYMPTOM = Statement(upsert_many(SymptomRow, *_SYMPTOM.keys(), key=["code"]))
_ADD_SYMPTOM = Scalar(insert_many(SymptomRow, *_SYMPTOM.keys()).on_conflict_do_nothing().returning(_SYMPTOM.code), str)


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseSaid:
    """What a case says of its adverse reaction, and how it was judged."""

    id: UUID
    number: str
    customer_id: UUID | None
    against: str | None
    """The name of the product that it is against."""
    batch: str | None
    recorded_at: datetime
    happened_at: datetime | None
    taken_over: bool
    valid: bool | None
    good_faith: bool | None
    details: Details


async def cases(reader: Reader, vault: Vault, ids: Collection[UUID]) -> list[CaseSaid]:
    """What these cases say, unsealed."""
    return [_said(vault, **dict(row.items())) for row in await _CASES.all(reader, ids=list(ids))]


def _said(vault: Vault, *, words: bytes, **row: Any) -> CaseSaid:
    id_: UUID = row["id"]
    product = row.pop("against_type") == "product"
    against = orjson.loads(vault.open(words, id_.bytes))["against"] if product else None
    said = details.opened(vault, id_, row.pop("details"))
    return CaseSaid(**row, against=against, details=said)


async def say(transaction: Connection, vault: Vault, id_: UUID, batch: str | None, said: Details) -> None:
    """Writes batch and details of a held case, these sealed anew."""
    sealed = details.sealed(vault, id_, said)
    await _SAY.execute(transaction, **by_column([{"id": id_, "batch": batch, "details": sealed}]))


async def products_of(reader: Reader, batch_keys: Collection[str]) -> Mapping[str, frozenset[str]]:
    """The products that are known to have batches of these numbers, by their keys."""
    found: dict[str, frozenset[str]] = {}
    for row in await _PRODUCTS.all(reader, keys=list(batch_keys)) if batch_keys else []:
        found[row["batch_key"]] = found.get(row["batch_key"], frozenset()) | {row["product_key"]}
    return found


async def take_turn(transaction: Connection, batch_keys: Collection[str]) -> None:
    """Waits until nobody else counts, records or lifts batches of these numbers, nor hears of purchases of them."""
    if batch_keys:
        await _TURN.execute(transaction, keys=list(batch_keys))


async def share_turn(transaction: Connection, batch_keys: Collection[str]) -> None:
    """Waits until nobody counts, records or lifts batches of these numbers; purchases do not wait for each other."""
    if batch_keys:
        await _SHARE.execute(transaction, keys=list(batch_keys))


async def nameless(reader: Reader, batch_keys: Collection[str]) -> Mapping[UUID, str]:
    """The cases whose reactions are to batches of these numbers of which no product is known, and their numbers."""
    rows = await _NAMELESS.all(reader, keys=list(batch_keys)) if batch_keys else []
    return {row["complaint_id"]: row["batch_key"] for row in rows}


async def lock(transaction: Connection, ids: Collection[UUID]) -> dict[UUID, AdverseReaction]:
    """What is kept of the reactions of these cases, held."""
    return {each.complaint_id: each for each in await _LOCK.all(transaction, ids=list(ids))}


async def keep(transaction: Connection, reactions: Sequence[AdverseReaction]) -> None:
    """Keeps reactions as they are now."""
    if reactions:
        rows = ({**asdict(each), "next_at": each.next_at} for each in reactions)
        await _KEEP.execute(transaction, **by_column(rows))


async def kept_among(reader: Reader, ids: Collection[UUID]) -> list[UUID]:
    """Of which of these cases a reaction is kept."""
    return await _KEPT.all(reader, ids=list(ids))


async def alarming(reader: Reader, goods: Goods) -> list[AdverseReaction]:
    """The reactions that count for a batch and were part of no alarm that was lifted, by day."""
    return await _ALARMING.all(reader, **goods._asdict())


async def of_goods(reader: Reader, goods: Goods, most: int) -> list[AdverseReaction]:
    """The reactions to a batch, by day, those that do not count, too; so many at most."""
    return await _OF_GOODS.limited(most).all(reader, **goods._asdict())


async def settle(transaction: Connection, goods: Goods) -> None:
    """The alarm of a held batch was lifted: its reactions raise no other one."""
    await _SETTLE.execute(transaction, **goods._asdict())


async def due(reader: Reader, now: datetime) -> list[UUID]:
    """The cases of whose report something is due to be told, the earliest first."""
    return await _DUE.all(reader, now=now)


async def next_due(reader: Reader) -> datetime | None:
    """The next moment at which something is told of a report."""
    return await _NEXT_DUE.one(reader)


async def usable(reader: Reader, codes: Collection[str]) -> set[str]:
    """Which of these codes of symptoms are in use."""
    return set(await _USABLE.all(reader, codes=list(codes)))


async def symptoms(reader: Reader) -> list[Symptom]:
    """What a reaction can show, that which is out of use, too."""
    return await _SYMPTOMS.all(reader)


async def lock_symptom(transaction: Connection, code: str) -> Symptom | None:
    """The symptom as it stands, held."""
    return await _LOCK_SYMPTOM.one(transaction, code=code)


async def add_symptom(transaction: Connection, symptom: Symptom) -> bool:
    """Adds a symptom; False when somebody else has just done so."""
    return await _ADD_SYMPTOM.one(transaction, **by_column([asdict(symptom)])) is not None


async def keep_symptom(transaction: Connection, symptom: Symptom) -> None:
    """Changes what is kept of a held symptom."""
    await _KEEP_SYMPTOM.execute(transaction, **by_column([asdict(symptom)]))

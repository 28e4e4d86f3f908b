"""Erasures in the database, and what of a person stands outside the archive."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Uuid, literal_column, null, select, update
from sqlmodel import col

from services.customers.contract_letters.tables import ContractLetterRow
from services.customers.contracts.tables import ContractCorrectionRow, ContractRow, ContractStepRow
from services.customers.erasures.domain import Confirmation, Erasure
from services.customers.erasures.tables import ErasureConfirmationRow, ErasureRow
from services.customers.merged.tables import MergeRow
from services.customers.people.tables import PersonRow
from services.customers.purchases.tables import PurchaseRow, ReversalRow
from services.customers.tiers.tables import TierOverrideRow
from services.customers.winbacks.tables import WinbackRow
from shared.bus.contacts import CONTACTS_TOPIC
from shared.db import Connection
from shared.personal import Vault
from shared.statement import Reader, Scalar, Statement, any_given, by_column, given, insert_one, table, update_many

FIELDS: Final = tuple(field.name for field in fields(Erasure))
ERASURES = select(*(table(ErasureRow).c[name] for name in FIELDS))
_ADD = Scalar(insert_one(ErasureRow, *FIELDS, "words").on_conflict_do_nothing().returning(col(ErasureRow.id)), UUID)
_OF_PERSON = Statement(ERASURES.where(col(ErasureRow.person_id) == given("person_id")), Erasure)
_COMPLETE = Scalar(
    update(table(ErasureRow))
    .values(completed_at=given("at"), certificate=given("certificate"))
    .where(col(ErasureRow.id) == given("id"), col(ErasureRow.completed_at).is_(None))
    .returning(col(ErasureRow.id)),
    UUID,
)
_CONFIRMATION = ("service", "at", "removed")
_CONFIRM = Statement(insert_one(ErasureConfirmationRow, "erasure_id", *_CONFIRMATION).on_conflict_do_nothing())
_LAST_SEQUENCE = Scalar("SELECT last_sequence FROM relay", int)
_PUBLISHED = Scalar(
    """
    SELECT id FROM unnest(:id::uuid[]) AS id EXCEPT
    SELECT id FROM unnest(:told::uuid[], :key::text[], :after::bigint[]) AS told(id, key, after)
    WHERE EXISTS (SELECT FROM event_log l WHERE l.sequence IS NULL AND l.topic = :topic AND l.key = told.key)
        OR EXISTS (SELECT FROM event_log l WHERE l.sequence > told.after AND l.topic = :topic AND l.key = told.key)
    """,
    UUID,
)
"""By hand: the two partial indexes of the log, by what is published and what is not."""
_TURN = Scalar("SELECT pg_try_advisory_xact_lock(4018, 73)", bool)
_FORGET_PREVIEWS = Statement(
    """
    WITH shown AS (SELECT id FROM import_job WHERE preview IS NOT NULL ORDER BY id FOR UPDATE)
    UPDATE import_job j SET preview = NULL FROM shown WHERE j.id = shown.id
    """
)
_FORGET_TRAITS = Statement("DELETE FROM traits WHERE customer_id = :id")
_FORGET_DATES = Statement("DELETE FROM important_date WHERE customer_id = :id")
"""The days on which they fall go with them, by their foreign key."""
_STORE_OF = Scalar(select(col(PersonRow.customer_id)).where(col(PersonRow.id) == given("id")), UUID)
_KNOWN_OTHERWISE = Scalar(
    """
    SELECT true FROM (VALUES (:id::uuid)) AS asked (id)
    WHERE EXISTS (SELECT FROM customer c WHERE c.id = asked.id) OR EXISTS (SELECT FROM owner o WHERE o.id = asked.id)
        OR EXISTS (SELECT FROM person p WHERE p.id = asked.id)
        OR EXISTS (SELECT FROM prospect p WHERE p.id = asked.id)
        OR EXISTS (SELECT FROM customer_alias a WHERE a.id = asked.id)
        OR EXISTS (SELECT FROM customer_case k WHERE k.complaint_id = asked.id)
    """,
    bool,
)
"""By hand: whoever has an id here is erased under it, and whoever complained as a customer as that."""
_REASONS = Scalar(select(col(TierOverrideRow.id)).where(col(TierOverrideRow.customer_id) == given("id")), UUID)
_EMPTY_REASONS = Statement(update_many(TierOverrideRow, "id", "words", reason=literal_column("''")))
_REVERSED = Scalar(
    select(col(ReversalRow.purchase_id))
    .join(PurchaseRow, col(PurchaseRow.id) == col(ReversalRow.purchase_id))
    .where(col(PurchaseRow.customer_id) == given("id")),
    UUID,
)
_EMPTY_REVERSALS = Statement(update_many(ReversalRow, "purchase_id", "words", key=["purchase_id"]))
_CONTRACTS_OF = select(col(ContractRow.id)).where(col(ContractRow.customer_id) == given("id"))
_EMPTY_STEPS = Statement(
    update(table(ContractStepRow))
    .values(words=null())
    .where(col(ContractStepRow.contract_id).in_(_CONTRACTS_OF), col(ContractStepRow.words).is_not(None))
)
_EMPTY_CORRECTIONS = Statement(
    update(table(ContractCorrectionRow))
    .values(reason=null())
    .where(col(ContractCorrectionRow.contract_id).in_(_CONTRACTS_OF), col(ContractCorrectionRow.reason).is_not(None))
)
_EMPTY_LETTERS = Statement(
    update(table(ContractLetterRow))
    .values(sealed=null())
    .where(col(ContractLetterRow.contract_id).in_(_CONTRACTS_OF), col(ContractLetterRow.sealed).is_not(None))
)
_EMPTY_WINBACKS = Statement(
    update(table(WinbackRow))
    .values(offer_words=null(), end_words=null(), correction_words=null())
    .where(
        col(WinbackRow.customer_id) == given("id"),
        col(WinbackRow.offer_words).is_not(None)
        | col(WinbackRow.end_words).is_not(None)
        | col(WinbackRow.correction_words).is_not(None),
    )
)
_EMPTY_OPPORTUNITIES = Statement("UPDATE opportunity SET words = NULL WHERE customer_id = :id AND words IS NOT NULL")
_EMPTY_OVERRIDES = Statement("UPDATE segment_override SET words = NULL WHERE customer_id = :id AND words IS NOT NULL")
_EMPTY_SIGHTINGS = Statement(
    """
    UPDATE competitor_sighting SET words = NULL, withdrawal_words = NULL
    WHERE customer_id = :id AND (words IS NOT NULL OR withdrawal_words IS NOT NULL)
    """
)
_EMPTY_PLANS = Statement("UPDATE signal_plan SET words = NULL, end_words = NULL WHERE customer_id = :id")
_EMPTY_MEASURES = Statement(
    """
    UPDATE signal_measure m SET words = NULL, done_words = NULL FROM signal_plan p
    WHERE p.id = m.plan_id AND p.customer_id = :id
    """
)
_EMPTY_POTENTIALS = Statement("UPDATE potential SET words = NULL WHERE customer_id = :id AND words IS NOT NULL")
_EMPTY_REPORTS = Statement(
    """
    UPDATE elsewhere_report SET words = NULL, withdrawal_words = NULL
    WHERE customer_id = :id AND (words IS NOT NULL OR withdrawal_words IS NOT NULL)
    """
)
_EMPTY_TIES = Statement("UPDATE tie SET words = NULL WHERE customer_id = :id AND words IS NOT NULL")
_EMPTY_LOSSES = Statement("UPDATE loss SET words = NULL WHERE customer_id = :id AND words IS NOT NULL")
_EMPTY_DISMISSALS = Statement("UPDATE dismissal SET words = NULL, withdrawal_words = NULL WHERE customer_id = :id")
_EMPTY_WORDS = (
    _EMPTY_STEPS,
    _EMPTY_CORRECTIONS,
    _EMPTY_LETTERS,
    _EMPTY_WINBACKS,
    _EMPTY_OPPORTUNITIES,
    _EMPTY_OVERRIDES,
    _EMPTY_SIGHTINGS,
    _EMPTY_PLANS,
    _EMPTY_MEASURES,
    _EMPTY_POTENTIALS,
    _EMPTY_REPORTS,
    _EMPTY_TIES,
    _EMPTY_LOSSES,
    _EMPTY_DISMISSALS,
)
"""Whatever somebody wrote about a customer (`:id`) beside the archive."""
_EMPTY_MERGES = Statement(
    update(table(MergeRow))
    .values(words=null())
    .where(
        (col(MergeRow.merged_id) == any_given("ids", Uuid)) | (col(MergeRow.into_id) == any_given("ids", Uuid)),
        col(MergeRow.words).is_not(None),
    )
)


async def add(transaction: Connection, vault: Vault, erasure: Erasure, reason: str) -> bool:
    """Adds an erasure; False where the person is erased already."""
    words = vault.seal(reason.encode(), erasure.id.bytes)
    return await _ADD.one(transaction, **asdict(erasure), words=words) is not None


async def of_person(reader: Reader, person_id: UUID) -> Erasure | None:
    """The erasure of a person; None before anybody has asked for it."""
    return await _OF_PERSON.one(reader, person_id=person_id)


async def is_known_otherwise(reader: Reader, complaint_id: UUID) -> bool:
    """Whether an id that is said to be a complainant's case is a person's here, or a customer's case."""
    return bool(await _KNOWN_OTHERWISE.one(reader, id=complaint_id))


async def complete(transaction: Connection, id_: UUID, certificate: Mapping[str, Any] | None, at: datetime) -> bool:
    """Ends an erasure with its certificate, or without one; False where somebody else has."""
    return await _COMPLETE.one(transaction, id=id_, certificate=certificate, at=at) is not None


async def confirm(transaction: Connection, erasure_id: UUID, confirmation: Confirmation) -> None:
    """Keeps what a service has confirmed, once."""
    await _CONFIRM.execute(transaction, erasure_id=erasure_id, **asdict(confirmation))


async def last_sequence(reader: Reader) -> int:
    """How far the service's log has been published."""
    return await _LAST_SEQUENCE.only(reader)


async def take_turn(transaction: Connection) -> bool:
    """Whether nobody else looks through the topic of contacts; nobody else does until the transaction ends."""
    return await _TURN.only(transaction)


async def published(transaction: Connection, erasures: Sequence[Erasure]) -> set[UUID]:
    """Those of whose contacts the log has nothing to tell any more, under whichever id."""
    told = [{"told": each.id, "key": str(id_), "after": each.told_after} for each in erasures for id_ in each.ids]
    ids = [each.id for each in erasures]
    return set(await _PUBLISHED.all(transaction, id=ids, topic=CONTACTS_TOPIC, **by_column(told)))


async def forget_previews(transaction: Connection) -> None:
    """The first rows of files that were read go, whomever they name: they are shown for a while only. Before any
    customer is held, as an import holds itself before them."""
    await _FORGET_PREVIEWS.execute(transaction)


async def forget_traits(transaction: Connection, customer_id: UUID) -> dict[str, int]:
    """What a customer is like, and their important dates; how many of each."""
    traits = await _FORGET_TRAITS.execute(transaction, id=customer_id)
    dates = await _FORGET_DATES.execute(transaction, id=customer_id)
    return {"traits": int(traits.split()[-1]), "dates": int(dates.split()[-1])}


async def store_of(reader: Reader, person_id: UUID) -> UUID | None:
    """Whose somebody is; None for nobody of a store."""
    return await _STORE_OF.one(reader, id=person_id)


async def empty_words(transaction: Connection, vault: Vault, customer_id: UUID, merged: Sequence[UUID]) -> int:
    """Empties whatever somebody wrote about a customer beside the archive, and about those who were merged into them;
    how many places that was."""
    reasons = [
        {"id": id_, "words": vault.seal(b"", id_.bytes)} for id_ in await _REASONS.all(transaction, id=customer_id)
    ]
    reversals = [
        {"purchase_id": id_, "words": vault.seal(b"", id_.bytes)}
        for id_ in await _REVERSED.all(transaction, id=customer_id)
    ]
    if reasons:
        await _EMPTY_REASONS.execute(transaction, **by_column(reasons))
    if reversals:
        await _EMPTY_REVERSALS.execute(transaction, **by_column(reversals))
    done = [await each.execute(transaction, id=customer_id) for each in _EMPTY_WORDS]
    done.append(await _EMPTY_MERGES.execute(transaction, ids=[customer_id, *merged]))
    return len(reasons) + len(reversals) + sum(int(each.split()[-1]) for each in done)

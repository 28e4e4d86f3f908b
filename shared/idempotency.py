"""Idempotency keys in the business transaction: a request and its key commit together (decision 26).

Successes only, kept 24 h. How keys come in by HTTP, and how answers are kept, stands in `shared.http.idempotency`;
operations that settle the key in a statement of their own use what stands here.
"""

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from uuid import UUID

import asyncpg
from asyncpg import Record

from shared.db import Connection
from shared.errors import Conflict, Invalid
from shared.personal import Vault
from shared.statement import Scalar, Statement

CLAIM_EACH = """
INSERT INTO idempotency_key (caller, key, operation, fingerprint, status, resource_id)
SELECT caller, key, operation, fingerprint, 201, resource_id FROM claims ORDER BY caller, key
ON CONFLICT (caller, key) DO UPDATE
    SET operation = EXCLUDED.operation, fingerprint = EXCLUDED.fingerprint, status = EXCLUDED.status, answer = NULL,
        resource_id = EXCLUDED.resource_id, created_at = clock_timestamp()
    WHERE idempotency_key.created_at < clock_timestamp() - interval '24 hours'
RETURNING resource_id
"""
"""For a common table expression of an operation that settles keys itself: claims the rows of its `claims`."""

_CLAIM_FOR = Scalar(
    """
    WITH claims AS (
        SELECT :caller::text AS caller, :key::text AS key, :operation::text AS operation,
               :fingerprint::bytea AS fingerprint, :resource_id::uuid AS resource_id
    )
    {claim_each}
    """,
    UUID,
    claim_each=CLAIM_EACH,
)
_RESOURCE = Statement("SELECT fingerprint, resource_id FROM idempotency_key WHERE caller = :caller AND key = :key")
_KEPT_ANSWERS = Statement(
    """
    SELECT caller, key, answer FROM idempotency_key
    WHERE (caller, key) > (:after_caller::text, :after_key::text) AND answer IS NOT NULL AND created_at >= :since
    ORDER BY caller, key LIMIT :most
    """
)
_FORGET_ANSWERS = Scalar(
    """
    UPDATE idempotency_key k SET answer = NULL FROM unnest(:caller::text[], :key::text[]) AS gone(caller, key)
    WHERE k.caller = gone.caller AND k.key = gone.key AND k.answer IS NOT NULL RETURNING k.key
    """,
    str,
)
_SINCE = Scalar("SELECT clock_timestamp() - interval '10 minutes'", datetime)
"""When a key was claimed whose request can still be under way."""
_EVER = datetime(2000, 1, 1, tzinfo=UTC)
ANSWERS_AT_ONCE = 1_000
FORGET = Scalar(
    """
    WITH gone AS (
        DELETE FROM idempotency_key WHERE ctid = ANY(ARRAY(
            SELECT ctid FROM idempotency_key WHERE created_at < clock_timestamp() - interval '24 hours'
            ORDER BY created_at LIMIT :most FOR UPDATE SKIP LOCKED
        )) RETURNING 1
    ) SELECT count(*) FROM gone
    """,
    int,
)
"""Forgets up to `most` keys whose day is over; how many."""


class KeyInProgress(Conflict):
    slug = "idempotency-key-in-progress"
    title = "The same request is being carried out"


class AnswerForgotten(Conflict):
    """It was carried out, and what it was about has been erased since."""

    slug = "answer-forgotten"
    title = "What was answered has been erased"


class KeyReused(Invalid):
    slug = "idempotency-key-reused"
    title = "The Idempotency-Key was used for another request"


@dataclass(frozen=True, slots=True)
class IdempotencyKey:
    """A caller's key and the fingerprint of the request it stands for."""

    caller: str
    key: str
    operation: str
    fingerprint: bytes

    def with_content(self, digest: bytes) -> "IdempotencyKey":
        """The key of a request whose body came in as a stream with this digest."""
        return replace(self, fingerprint=hashlib.sha256(self.fingerprint + digest).digest())

    @property
    def identity(self) -> bytes:
        """What a stored answer is sealed with."""
        return f"{self.caller}:{self.key}".encode()

    def check_same(self, fingerprint: bytes) -> None:
        """Raises KeyReused when the key was used for a request with another fingerprint."""
        if self.fingerprint != fingerprint:
            raise KeyReused("this Idempotency-Key came with another request before; use a new key")


def in_progress() -> KeyInProgress:
    """The refusal of a request whose key another one holds at this moment."""
    return KeyInProgress("the same Idempotency-Key is in progress; ask again in a moment")


class KeptAnswers:
    """What kept answers say of somebody, by id: looked through once before anything is held, and then only as far as
    they came since. They are kept for a day, sealed, so each of them is looked into."""

    def __init__(self, answers: Vault) -> None:
        self._answers = answers
        self._about: dict[UUID, set[tuple[str, str]]] = {}
        self._since = _EVER

    async def look(self, reader: Connection, ids: Collection[UUID]) -> None:
        """Finds answers about these: all, or what came since where the same were looked for before."""
        since = self._since if self._about.keys() >= set(ids) else _EVER
        self._since = await _SINCE.only(reader)
        sought = {each: str(each).encode() for each in ids}
        for each in ids:
            self._about.setdefault(each, set())
        after = {"after_caller": "", "after_key": ""}
        while rows := await _KEPT_ANSWERS.all(reader, **after, since=since, most=ANSWERS_AT_ONCE):
            after = {"after_caller": rows[-1]["caller"], "after_key": rows[-1]["key"]}
            for row in rows:
                self._note(row, sought)

    def _note(self, row: Record, sought: Mapping[UUID, bytes]) -> None:
        said = self._answers.open(row["answer"], f"{row['caller']}:{row['key']}".encode())
        for id_, written in sought.items():
            if written in said:
                self._about[id_].add((row["caller"], row["key"]))

    async def forget(self, transaction: Connection, ids: Collection[UUID]) -> int:
        """Forgets what was answered about one of these, and not that it was: a repeated request is refused then; how
        many."""
        gone = set[tuple[str, str]]().union(*(self._about[each] for each in ids))
        if not gone:
            return 0
        columns = {"caller": [caller for caller, _ in gone], "key": [key for _, key in gone]}
        return len(await _FORGET_ANSWERS.all(transaction, **columns))


async def forget_answers(transaction: Connection, answers: Vault, ids: Collection[UUID]) -> int:
    """Forgets what was answered about one of these; how many."""
    kept = KeptAnswers(answers)
    await kept.look(transaction, ids)
    return await kept.forget(transaction, ids)


async def claim_for(transaction: Connection, key: IdempotencyKey, resource_id: UUID) -> bool:
    """Claims the key for what this transaction makes; False when it was claimed before (see `stored_resource`).

    Raises KeyInProgress.
    """
    try:
        claimed = await _CLAIM_FOR.one(
            transaction,
            caller=key.caller,
            key=key.key,
            operation=key.operation,
            fingerprint=key.fingerprint,
            resource_id=resource_id,
        )
    except asyncpg.LockNotAvailableError:
        raise in_progress() from None
    return claimed is not None


async def stored_resource(transaction: Connection, key: IdempotencyKey) -> UUID | None:
    """For operations that settle the key in their own statement: the resource made by the first request, or None.

    Raises KeyReused when the key stands for another request.
    """
    row = await _RESOURCE.one(transaction, caller=key.caller, key=key.key)
    if row is None:
        return None
    key.check_same(row["fingerprint"])
    resource: UUID | None = row["resource_id"]
    return resource

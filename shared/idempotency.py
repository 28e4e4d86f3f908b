"""Idempotency keys in the business transaction: a request and its key commit together (decision 26).

Successes only, kept 24 h. How keys come in by HTTP, and how answers are kept, stands in `shared.http.idempotency`;
operations that settle the key in a statement of their own use what stands here.
"""

import hashlib
from dataclasses import dataclass, replace
from uuid import UUID

import asyncpg

from shared.db import Connection
from shared.errors import Conflict, Invalid
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

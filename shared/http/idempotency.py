"""Idempotency-Key on any POST: stored with the answer in the business transaction, scoped to the caller (decision 26).

Successes only, kept 24 h, the stored answer sealed. A second request with a key in progress waits by `lock_timeout`,
then 409. The request's whole work joins one ambient transaction, so key and effect commit together.
"""

import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import asyncpg
import orjson
from fastapi import Request
from starlette.responses import Response

from shared.auth.principal import Principal
from shared.db import Connection, Database
from shared.errors import Conflict, Invalid
from shared.personal import Vault

HEADER = "idempotency-key"
LONGEST_KEY = 255
KEPT_HEADERS = frozenset({"content-type", "etag", "location", "cache-control", "content-disposition"})

CLAIM = """
INSERT INTO idempotency_key (caller, key, operation, fingerprint) VALUES ($1, $2, $3, $4)
ON CONFLICT (caller, key) DO UPDATE
    SET operation = EXCLUDED.operation, fingerprint = EXCLUDED.fingerprint, status = NULL, answer = NULL,
        resource_id = NULL, created_at = clock_timestamp()
    WHERE idempotency_key.created_at < clock_timestamp() - interval '24 hours'
RETURNING true
"""
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
_STORED = "SELECT fingerprint, status, answer, resource_id FROM idempotency_key WHERE caller = $1 AND key = $2"
_KEEP = "UPDATE idempotency_key SET status = $3, answer = $4 WHERE caller = $1 AND key = $2"
FORGET = """
WITH gone AS (
    DELETE FROM idempotency_key WHERE ctid = ANY(ARRAY(
        SELECT ctid FROM idempotency_key WHERE created_at < clock_timestamp() - interval '24 hours'
        ORDER BY created_at LIMIT $1 FOR UPDATE SKIP LOCKED
    )) RETURNING 1
) SELECT count(*) FROM gone
"""
"""Forgets up to $1 keys whose day is over; returns how many."""


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

    @classmethod
    async def of(
        cls, request: Request, principal: Principal | None, operation: str, *, whole: bool = True
    ) -> "IdempotencyKey | None":
        """The request's key, or None; raises Invalid for one that is empty or too long.

        Not `whole`: the body is left to the operation, which adds it to the fingerprint (`with_content`).
        """
        key = request.headers.get(HEADER)
        if key is None:
            return None
        if not 0 < len(key) <= LONGEST_KEY:
            raise Invalid(
                f"an Idempotency-Key has 1 to {LONGEST_KEY} characters",
                pointer="header/Idempotency-Key",
            )
        content = hashlib.sha256(request.scope["path"].encode() + b"?" + request.scope["query_string"] + b"\n")
        if whole:
            content.update(await request.body())
        return cls(str(principal.id) if principal else "public", key, operation, content.digest())

    def with_content(self, digest: bytes) -> "IdempotencyKey":
        """The key of a request whose body came in as a stream with this digest."""
        return replace(self, fingerprint=hashlib.sha256(self.fingerprint + digest).digest())

    @property
    def identity(self) -> bytes:
        return f"{self.caller}:{self.key}".encode()


async def once(
    key: IdempotencyKey,
    database: Database,
    vault: Vault,
    carry_out: Callable[[], Awaitable[Response]],
) -> Response:
    """Carries the request out, or gives the answer that the key already has."""
    try:
        async with database.ambient_transaction() as transaction:
            if not await _claim(transaction, key):
                return await _stored(transaction, vault, key)
            response = await carry_out()
            if response.status_code >= 400:
                raise _Refused(response)
            await _keep(transaction, vault, key, response)
            return response
    except _Refused as refused:
        return refused.response


class _Refused(Exception):
    """Takes an answer that is no success out of its transaction: neither the key nor any effect stays."""

    def __init__(self, response: Response) -> None:
        super().__init__()
        self.response = response


async def _claim(transaction: Connection, key: IdempotencyKey) -> bool:
    try:
        claimed = await transaction.fetchval(CLAIM, key.caller, key.key, key.operation, key.fingerprint)
    except asyncpg.LockNotAvailableError:
        raise KeyInProgress("the same Idempotency-Key is in progress; ask again in a moment") from None
    return bool(claimed)


async def stored_resource(transaction: Connection, key: IdempotencyKey) -> UUID | None:
    """For operations that settle the key in their own statement: the resource made by the first request, or None.

    Raises KeyReused when the key stands for another request.
    """
    row = await transaction.fetchrow(_STORED, key.caller, key.key)
    if row is None:
        return None
    _same_request(row, key)
    resource: UUID | None = row["resource_id"]
    return resource


_CLAIM_FOR = f"""
WITH claims AS (
    SELECT $1::text AS caller, $2::text AS key, $3::text AS operation, $4::bytea AS fingerprint, $5::uuid AS resource_id
)
{CLAIM_EACH}
"""


async def claim_for(transaction: Connection, key: IdempotencyKey, resource_id: UUID) -> bool:
    """Claims the key for what this transaction makes; False when it was claimed before (see `stored_resource`)."""
    try:
        claimed = await transaction.fetchval(
            _CLAIM_FOR, key.caller, key.key, key.operation, key.fingerprint, resource_id
        )
    except asyncpg.LockNotAvailableError:
        raise KeyInProgress("the same Idempotency-Key is in progress; ask again in a moment") from None
    return bool(claimed)


def _same_request(row: Any, key: IdempotencyKey) -> None:
    if row["fingerprint"] != key.fingerprint:
        raise KeyReused("this Idempotency-Key came with another request before; use a new key")


async def _stored(transaction: Connection, vault: Vault, key: IdempotencyKey) -> Response:
    row = await transaction.fetchrow(_STORED, key.caller, key.key)
    if row is None:
        raise KeyInProgress("the same Idempotency-Key has just ended; ask again")
    _same_request(row, key)
    headers, _, body = vault.open(row["answer"], key.identity).partition(b"\n")
    return Response(body, row["status"], {**orjson.loads(headers), "Idempotency-Replayed": "true"})


async def _keep(transaction: Connection, vault: Vault, key: IdempotencyKey, response: Response) -> None:
    headers = {name: value for name, value in response.headers.items() if name in KEPT_HEADERS}
    answer = orjson.dumps(headers) + b"\n" + bytes(response.body)
    await transaction.execute(_KEEP, key.caller, key.key, response.status_code, vault.seal(answer, key.identity))

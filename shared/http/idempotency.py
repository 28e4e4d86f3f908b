"""Idempotency-Key on any POST: stored with the answer in the business transaction, scoped to the caller (decision 26).

The stored answer is sealed. A second request with a key in progress waits by `lock_timeout`, then 409. The request's
whole work joins one ambient transaction, so key and effect commit together.
"""

import hashlib
from collections.abc import Awaitable, Callable

import asyncpg
import orjson
from fastapi import Request
from starlette.responses import Response

from shared.auth.principal import Principal
from shared.db import Connection, Database
from shared.errors import Invalid
from shared.http.merged import asked
from shared.idempotency import AnswerForgotten, IdempotencyKey, KeyInProgress, in_progress
from shared.limits import address_of
from shared.personal import Vault
from shared.statement import Scalar, Statement

HEADER = "idempotency-key"
LONGEST_KEY = 255
KEPT_HEADERS = frozenset({"content-type", "etag", "location", "cache-control", "content-disposition"})

_CLAIM = Scalar(
    """
    INSERT INTO idempotency_key (caller, key, operation, fingerprint) VALUES (:caller, :key, :operation, :fingerprint)
    ON CONFLICT (caller, key) DO UPDATE
        SET operation = EXCLUDED.operation, fingerprint = EXCLUDED.fingerprint, status = NULL, answer = NULL,
            resource_id = NULL, created_at = clock_timestamp()
        WHERE idempotency_key.created_at < clock_timestamp() - interval '24 hours'
    RETURNING true
    """,
    bool,
)
_STORED = Statement("SELECT fingerprint, status, answer FROM idempotency_key WHERE caller = :caller AND key = :key")
_KEEP = Statement("UPDATE idempotency_key SET status = :status, answer = :answer WHERE caller = :caller AND key = :key")


async def key_of(
    request: Request, principal: Principal | None, operation: str, *, whole: bool = True
) -> IdempotencyKey | None:
    """The request's key, or None; raises Invalid for one that is empty or too long.

    Not `whole`: the body is left to the operation, which adds it to the fingerprint (`with_content`).
    """
    key = request.headers.get(HEADER)
    if key is None:
        return None
    if not 0 < len(key) <= LONGEST_KEY:
        raise Invalid(f"an Idempotency-Key has 1 to {LONGEST_KEY} characters", pointer="header/Idempotency-Key")
    path, query = asked(request.scope)
    content = hashlib.sha256(path.encode() + b"?" + query + b"\n")
    if whole:
        content.update(await request.body())
    return IdempotencyKey(_caller(request, principal), key, operation, content.digest())


def _caller(request: Request, principal: Principal | None) -> str:
    """Whose key it is. Who brings no token shares none with others: theirs belong to their address and the path.

    The path carries what such a caller knows alone (an unsubscribe token); kept is a hash of both.
    """
    if principal is not None:
        return str(principal.id)
    known = f"{address_of(request.scope)} {request.scope['path']}"
    return f"public:{hashlib.sha256(known.encode()).hexdigest()[:32]}"


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
        claimed = await _CLAIM.one(
            transaction, caller=key.caller, key=key.key, operation=key.operation, fingerprint=key.fingerprint
        )
    except asyncpg.LockNotAvailableError:
        raise in_progress() from None
    return bool(claimed)


async def _stored(transaction: Connection, vault: Vault, key: IdempotencyKey) -> Response:
    row = await _STORED.one(transaction, caller=key.caller, key=key.key)
    if row is None:
        raise KeyInProgress("the same Idempotency-Key has just ended; ask again")
    key.check_same(row["fingerprint"])
    if row["answer"] is None:
        raise AnswerForgotten("it was carried out once; what it was about has been erased since")
    headers, _, body = vault.open(row["answer"], key.identity).partition(b"\n")
    return Response(body, row["status"], {**orjson.loads(headers), "Idempotency-Replayed": "true"})


async def _keep(transaction: Connection, vault: Vault, key: IdempotencyKey, response: Response) -> None:
    headers = {name: value for name, value in response.headers.items() if name in KEPT_HEADERS}
    answer = orjson.dumps(headers) + b"\n" + bytes(response.body)
    sealed = vault.seal(answer, key.identity)
    await _KEEP.execute(transaction, status=response.status_code, answer=sealed, caller=key.caller, key=key.key)

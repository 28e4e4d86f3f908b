"""A file comes in: stored as it comes, sealed, and queued to be worked on."""

import hashlib
import itertools
from collections.abc import AsyncIterator
from uuid import UUID

from services.customers.context import Context
from services.customers.imports.domain.form import UNSAID
from services.customers.imports.domain.jobs import EmptyUpload, ImportAsked
from services.customers.imports.store import jobs, uploads
from shared.db import Connection
from shared.idempotency import IdempotencyKey, KeyInProgress, claim_for, stored_resource
from shared.ids import new_id

CHUNK = 1 << 20
"""Bytes of the upload that are sealed and stored together."""


class SameRequest(Exception):
    """The Idempotency-Key came before."""


async def submit(
    context: Context, asked: ImportAsked, content: AsyncIterator[bytes], key: IdempotencyKey | None = None
) -> UUID:
    """Stores the upload, sealed, and queues the job; answers the id, of the first one when the key came before.

    Raises EmptyUpload, KeyReused or KeyInProgress.
    """
    id_ = new_id()
    said = (asked.layout, asked.dry_run, asked.create_customers, *((asked.form,) if asked.form != UNSAID else ()))
    digest = hashlib.sha256(repr(said).encode())
    try:
        async with context.database.transaction() as transaction:
            await jobs.insert_job(transaction, id_, asked, context.clock.now(), context.uploads)
            await _store_upload(context, transaction, id_, content, digest)
            if key is not None:
                key = key.with_content(digest.digest())
                if not await claim_for(transaction, key, id_):
                    raise SameRequest
    except SameRequest:
        return await _earlier(context, key)
    return id_


async def _store_upload(
    context: Context, transaction: Connection, id_: UUID, content: AsyncIterator[bytes], digest: "hashlib._Hash"
) -> None:
    number = size = 0
    async for piece in content:
        digest.update(piece)
        sealed = context.uploads.seal(piece, _identity(id_, number))
        await uploads.insert_chunk(transaction, id_, number, sealed)
        number, size = number + 1, size + len(piece)
    if not size:
        raise EmptyUpload("the file has no content", pointer="#/file")
    await uploads.set_size(transaction, id_, size)


async def _earlier(context: Context, key: IdempotencyKey | None) -> UUID:
    assert key is not None  # noqa: S101  only a key can have come before
    async with context.database.connection() as reader:
        earlier = await stored_resource(reader, key)
    if earlier is None:
        raise KeyInProgress("the same Idempotency-Key has just ended; ask again")
    return earlier


async def stored(context: Context, id_: UUID) -> AsyncIterator[bytes]:
    """The uploaded bytes, piece by piece."""
    for number in itertools.count():
        async with context.database.connection() as reader:
            sealed = await uploads.chunk(reader, id_, number)
        if sealed is None:
            return
        yield context.uploads.open(sealed, _identity(id_, number))


def _identity(id_: UUID, number: int) -> bytes:
    return id_.bytes + number.to_bytes(4, "big")

"""Reading how far erasures are."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from hmac import compare_digest
from typing import Any, Final
from uuid import UUID

import orjson

from services.customers.context import Context
from services.customers.erasures.domain import Confirmation, Erasure, ErasureNotFound, Progress
from services.customers.erasures.store import FIELDS
from shared.statement import Statement

BELOW_EVERY_ID: Final = UUID(int=0)
_PROGRESS: Final = """
    SELECT {fields}, ARRAY(
            SELECT jsonb_build_object('service', c.service, 'at', c.at, 'removed', c.removed)
            FROM erasure_confirmation c WHERE c.erasure_id = e.id ORDER BY c.service
        ) AS confirmations,
        completed_at IS NULL AND EXISTS (
            SELECT FROM import_job j WHERE NOT j.swept AND j.created_at <= e.asked_at
        ) AS uploads_left
    FROM erasure e
"""
"""By hand: all that is asked of an erasure in one round trip. Files that were uploaded before may name anybody."""


def signed(context: Context, says: Mapping[str, Any]) -> dict[str, Any]:
    """A certificate with the keyed hash of what it says."""
    return {**says, "signature": context.words.digest(orjson.dumps(says, option=orjson.OPT_SORT_KEYS)).hex()}


def is_genuine(context: Context, certificate: Mapping[str, Any]) -> bool:
    """Whether a certificate still says what was signed."""
    says = {name: said for name, said in certificate.items() if name != "signature"}
    return compare_digest(signed(context, says)["signature"], str(certificate.get("signature")))


def _confirmation(service: Any, at: str, removed: dict[str, int]) -> Confirmation:
    return Confirmation(service, datetime.fromisoformat(at), removed)


def _progress(confirmations: Sequence[dict[str, Any]], uploads_left: bool, **of: Any) -> Progress:
    """As the database knows it; what a broker keeps is looked up by who certifies."""
    erasure = Erasure(**of)
    contacts_left = erasure.completed_at is None and erasure.kind == "customer"
    return Progress(erasure, [_confirmation(**each) for each in confirmations], uploads_left, contacts_left)


_FIELDS: Final = ", ".join(FIELDS)
_ONE: Final = Statement(_PROGRESS + "WHERE id = :id", _progress, fields=_FIELDS)
_PAGE: Final = Statement(_PROGRESS + "WHERE id > :after ORDER BY id LIMIT :most", _progress, fields=_FIELDS)
_WAITING: Final = Statement(_PROGRESS + "WHERE completed_at IS NULL ORDER BY id", _progress, fields=_FIELDS)


async def read(context: Context, id_: UUID) -> Progress:
    """An erasure as it stands. Raises ErasureNotFound."""
    found = await _ONE.one(context.database, id=id_)
    if found is None:
        raise ErasureNotFound("no erasure has this id")
    return found


async def progress(context: Context, erasure: Erasure) -> Progress:
    """How far an erasure that stands is."""
    [found] = await _ONE.all(context.database, id=erasure.id)
    return found


async def page(context: Context, after: UUID | None, most: int) -> list[Progress]:
    """Erasures in the order in which they were asked for."""
    return await _PAGE.all(context.database, after=after or BELOW_EVERY_ID, most=most)


async def ready(context: Context) -> list[Progress]:
    """Erasures without a certificate which wait for nobody and for no file any more; the oldest first."""
    waiting = await _WAITING.all(context.database)
    return [each for each in waiting if not each.awaited and not each.uploads_left]

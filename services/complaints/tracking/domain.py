"""The complainant's key to a case: its id and a keyed hash of it, so none is stored (decision 19)."""

import base64
import binascii
import hmac
from collections.abc import Callable
from typing import Final, TypeAlias
from uuid import UUID

HASH_BYTES: Final = 16

Digest: TypeAlias = Callable[[bytes], bytes]
"""A keyed hash."""


def token_of(id_: UUID, digest: Digest) -> str:
    return base64.urlsafe_b64encode(id_.bytes + digest(id_.bytes)[:HASH_BYTES]).decode().rstrip("=")


def id_in(token: str, digest: Digest) -> UUID | None:
    """The case that a token belongs to; None for any token not given here."""
    try:
        raw = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
        id_ = UUID(bytes=raw[:16])
    except (binascii.Error, ValueError):
        return None
    return id_ if hmac.compare_digest(raw[16:], digest(id_.bytes)[:HASH_BYTES]) else None

"""Unsubscribe tokens: who, which channel, which purpose, and a keyed hash over them; nothing is stored."""

import base64
import binascii
import hmac
from collections.abc import Callable
from typing import TypeAlias
from uuid import UUID

from services.care.consent.domain.choices import About, Means
from services.care.messages.domain import Purpose
from shared.errors import NotFound

_HASH = 16
_MEANS = tuple(Means)
_PURPOSES = tuple(Purpose)

Digest: TypeAlias = Callable[[bytes], bytes]
"""A keyed hash, such as a vault's `digest`."""


class TokenNotFound(NotFound):
    slug = "unknown-token"
    title = "This link is not known"


def written(digest: Digest, customer_id: UUID, about: About) -> str:
    """46 characters that fit into a link."""
    means, purpose = about
    said = customer_id.bytes + bytes((_MEANS.index(means), _PURPOSES.index(purpose)))
    return _text(said + digest(said)[:_HASH])


def read(digest: Digest, token: str) -> tuple[UUID, About]:
    """Raises TokenNotFound for one that was not written here."""
    try:
        raw = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raw = b""
    said, hashed = raw[:-_HASH], raw[-_HASH:]
    if len(said) != 18 or _text(raw) != token or not hmac.compare_digest(digest(said)[:_HASH], hashed):
        raise TokenNotFound("the link is not complete; copy it whole from the message")
    return UUID(bytes=said[:16]), (_MEANS[said[16]], _PURPOSES[said[17]])


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")

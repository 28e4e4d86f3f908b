"""Unsubscribe tokens: who, which channel, which purpose, until when, and a keyed hash over them; nothing is stored."""

import base64
import binascii
import hmac
from collections.abc import Callable
from datetime import date
from typing import Final, TypeAlias
from uuid import UUID

from services.care.consent.domain.choices import About, Means
from services.care.messages.domain import Purpose
from shared.errors import DomainError, ErrorKind, NotFound

_HASH = 16
_ENDLESS: Final = 18
_SAID: Final = 21
"""Bytes before the hash: with the last day, and without it in what releases before have written."""
_MEANS = tuple(Means)
_PURPOSES = tuple(Purpose)

Digest: TypeAlias = Callable[[bytes], bytes]
"""A keyed hash, such as a vault's `digest`."""


class TokenNotFound(NotFound):
    slug = "unknown-token"
    title = "This link is not known"


class LinkEnded(DomainError):
    """The message is so old that its link is good no longer."""

    kind = ErrorKind.GONE
    slug = "unsubscribe-ended"
    title = "This link has ended"


def written(digest: Digest, customer_id: UUID, about: About, last_day: date) -> str:
    """50 characters that fit into a link; good until the end of its last day."""
    means, purpose = about
    said = customer_id.bytes + bytes((_MEANS.index(means), _PURPOSES.index(purpose)))
    said += last_day.toordinal().to_bytes(3, "big")
    return _text(said + digest(said)[:_HASH])


def read(digest: Digest, token: str, today: date) -> tuple[UUID, About]:
    """Raises TokenNotFound for one that was not written here, LinkEnded after its last day.

    Those of releases before say no day, and stay good: nobody is to be kept from leaving by our upgrade.
    """
    try:
        raw = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raw = b""
    said, hashed = raw[:-_HASH], raw[-_HASH:]
    whole = len(said) in (_SAID, _ENDLESS) and _text(raw) == token
    if not whole or not hmac.compare_digest(digest(said)[:_HASH], hashed):
        raise TokenNotFound("the link is not complete; copy it whole from the message")
    if len(said) == _SAID and today.toordinal() > int.from_bytes(said[_ENDLESS:], "big"):
        raise LinkEnded("use the link of a newer message, or tell the complaint line that you want no more of them")
    return UUID(bytes=said[:16]), (_MEANS[said[16]], _PURPOSES[said[17]])


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")

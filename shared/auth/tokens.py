"""Bearer tokens: JWT with one pinned algorithm, `iss aud exp sub` required, keys from a JWKS (architecture: access).

A verified token is remembered for a few minutes and never beyond its end, so its signature is not checked on every
request; a key that the issuer withdraws is refused within the same few minutes.
"""

import asyncio
import json
import math
import time
from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit
from uuid import UUID

import httpx
from joserfc import jwt
from joserfc.errors import (
    BadSignatureError,
    ClaimError,
    ExpiredTokenError,
    InvalidKeyIdError,
    JoseError,
    UnsupportedAlgorithmError,
)
from joserfc.jwk import KeySet, OKPKey

from shared.auth.principal import ALL_ROLES, Principal
from shared.errors import Busy, Unauthenticated
from shared.ids import new_id
from shared.repeats import Trouble
from shared.settings import Settings
from shared.telemetry import log

REMEMBERED = 10_000
REMEMBERED_SECONDS = 600.0
KEYS_SECONDS = 600.0
"""After so long keys from a JWKS URL are fetched again, whether an unknown one was seen or not."""
REFRESH_AT_MOST_EVERY = 30.0
RETRY_AT_MOST_EVERY = 1.0
"""Seconds between attempts while there are no keys yet, so that requests do not queue behind an issuer that is away."""
LONGEST_TOKEN = 8_192


UNACCEPTABLE = (JoseError, ArithmeticError, ValueError, LookupError, TypeError, AttributeError, RecursionError)
"""What reading a token or a key set from outside can raise, whatever its bytes are."""


class TokenVerifier:
    """Turns a bearer token into a principal."""

    def __init__(self, settings: Settings, keys: KeySet | None = None) -> None:
        """`keys` are given by the embedded issuer; otherwise they are fetched from the settings' JWKS URL."""
        self._keys = keys
        self._url = settings.jwks_url
        self._algorithm = settings.token_algorithm
        self._claims = jwt.JWTClaimsRegistry(
            leeway=0,
            iss={"essential": True, "value": settings.issuer},
            aud={"essential": True, "value": settings.audience},
            exp={"essential": True},
            sub={"essential": True},
        )
        self._known: OrderedDict[str, tuple[Principal, float]] = OrderedDict()
        self._fetched = -math.inf
        self._fetching = asyncio.Lock()
        self._trouble = Trouble(log("auth"), waits="keys not fetched", over="keys fetched again")

    async def verify(self, token: str) -> Principal:
        """Raises Unauthenticated for anything but a valid, unexpired token of our issuer and audience.

        Raises Busy while there are no keys to check it with.
        """
        known = self._known.get(token)
        if known is not None:
            principal, until = known
            if time.time() < until:
                return principal
            del self._known[token]
        principal, expires = await self._check(token)
        self._known[token] = (principal, min(expires, time.time() + REMEMBERED_SECONDS))
        if len(self._known) > REMEMBERED:
            self._known.popitem(last=False)
        return principal

    async def _check(self, token: str) -> tuple[Principal, float]:
        if len(token) > LONGEST_TOKEN:
            raise Unauthenticated(f"a token has at most {LONGEST_TOKEN} characters")
        try:
            claims = await self._decode(token)
            self._claims.validate(claims)
            return _principal(claims), float(claims["exp"])
        except UNACCEPTABLE as fault:
            raise Unauthenticated(f"the token is not accepted: {_reason(fault)}; get a new one") from None

    async def _decode(self, token: str) -> dict[str, Any]:
        keys = await self._present_keys()
        try:
            return self._read(token, keys)
        except UNACCEPTABLE:
            if not self._url or self._age < REFRESH_AT_MOST_EVERY:
                raise
        return self._read(token, await self._fetch(REFRESH_AT_MOST_EVERY))

    def _read(self, token: str, keys: KeySet) -> dict[str, Any]:
        return jwt.decode(token, keys, algorithms=[self._algorithm]).claims

    async def _present_keys(self) -> KeySet:
        if self._keys is not None and (not self._url or self._age < KEYS_SECONDS):
            return self._keys
        return await self._fetch(KEYS_SECONDS)

    @property
    def _age(self) -> float:
        return time.monotonic() - self._fetched

    async def _fetch(self, younger_than: float) -> KeySet:
        """Keys younger than so many seconds; when the issuer is away those that we have, and Busy without any."""
        async with self._fetching:
            if self._keys is not None and self._age < younger_than:
                return self._keys
            if not self._url:
                raise Unauthenticated("no keys to check tokens with: set CRM_JWKS_URL")
            if self._keys is not None or self._age >= RETRY_AT_MOST_EVERY:
                await self._refresh()
            if self._keys is None:
                raise Busy("the issuer's keys cannot be fetched")
            return self._keys

    async def _refresh(self) -> None:
        try:
            self._keys = KeySet.import_key_set(await _key_set(self._url))
            self._trouble.over()
        except (httpx.HTTPError, OSError, *UNACCEPTABLE) as fault:
            self._trouble.met(fault)
        self._fetched = time.monotonic()


def _reason(fault: Exception) -> str:
    """Why a token is refused, in words that quote nothing of it."""
    match fault:
        case ExpiredTokenError():
            return "it has expired"
        case ClaimError(claim=claim):
            return f"its claim {claim} is missing or not what is expected here"
        case BadSignatureError() | InvalidKeyIdError():
            return "no key of our issuer signed it"
        case UnsupportedAlgorithmError():
            return "it is signed in a way that is not taken here"
        case _:
            return "it is no token of our issuer"


async def _key_set(url: str) -> Any:
    """A JWKS over HTTP, or from a file for installations without an identity provider."""
    if url.startswith("file:"):
        return json.loads(await asyncio.to_thread(Path(unquote(urlsplit(url).path)).read_bytes))
    async with httpx.AsyncClient(timeout=5) as client:
        return (await client.get(url)).raise_for_status().json()


def _principal(claims: dict[str, Any]) -> Principal:
    roles = claims.get("roles", [])
    if not isinstance(roles, list):
        raise TypeError("roles must be a list")
    return Principal(UUID(str(claims["sub"])), frozenset(role for role in roles if role in ALL_ROLES))


class EmbeddedIssuer:
    """Issues tokens where no identity provider is configured (all in one, tests)."""

    def __init__(self, settings: Settings, key: OKPKey | None = None) -> None:
        self._settings = settings
        self.key = key or OKPKey.generate_key("Ed25519", {"kid": str(new_id()), "use": "sig"}, auto_kid=False)

    @property
    def public_keys(self) -> KeySet:
        return KeySet([OKPKey.import_key(self.key.as_dict(private=False))])

    def issue(self, subject: UUID, roles: Sequence[str], *, seconds: int = 30 * 86_400) -> str:
        """A token for a staff id; `seconds` from now it expires (real time)."""
        now = int(time.time())
        claims = {
            "iss": self._settings.issuer,
            "aud": self._settings.audience,
            "sub": str(subject),
            "roles": list(roles),
            "iat": now,
            "exp": now + seconds,
            "jti": str(new_id()),
        }
        header = {"alg": self._settings.token_algorithm, "kid": self.key.kid}
        return jwt.encode(header, claims, self.key, algorithms=[self._settings.token_algorithm])

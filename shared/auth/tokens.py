"""Bearer tokens: JWT with one pinned algorithm, `iss aud exp sub` required, keys from a JWKS (architecture: access).

A verified token is remembered until it expires, so its signature is checked once per process, not once per request.
"""

import asyncio
import json
import time
from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit
from uuid import UUID

import httpx
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, OKPKey

from shared.auth.principal import ALL_ROLES, Principal
from shared.errors import Busy, Unauthenticated
from shared.ids import new_id
from shared.settings import Settings
from shared.telemetry import log

REMEMBERED = 10_000
REFRESH_AT_MOST_EVERY = 30.0


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
        self._fetched = 0.0
        self._fetching = asyncio.Lock()

    async def verify(self, token: str) -> Principal:
        """Raises Unauthenticated for anything but a valid, unexpired token of our issuer and audience."""
        known = self._known.get(token)
        if known is not None:
            if known[1] <= time.time():
                del self._known[token]
                raise Unauthenticated("the token has expired; get a new one")
            return known[0]
        principal, expires = await self._check(token)
        self._known[token] = (principal, expires)
        if len(self._known) > REMEMBERED:
            self._known.popitem(last=False)
        return principal

    async def _check(self, token: str) -> tuple[Principal, float]:
        try:
            claims = await self._decode(token)
            self._claims.validate(claims)
            return _principal(claims), float(claims["exp"])
        except (JoseError, ValueError, KeyError, TypeError) as fault:
            raise Unauthenticated(f"the token is not accepted ({type(fault).__name__}); get a new one") from None

    async def _decode(self, token: str) -> dict[str, Any]:
        keys = self._keys or await self._fetch()
        try:
            return jwt.decode(token, keys, algorithms=[self._algorithm]).claims
        except (JoseError, ValueError):
            if not self._url or time.monotonic() - self._fetched < REFRESH_AT_MOST_EVERY:
                raise
        return jwt.decode(token, await self._fetch(), algorithms=[self._algorithm]).claims

    async def _fetch(self) -> KeySet:
        async with self._fetching:
            if self._keys and time.monotonic() - self._fetched < REFRESH_AT_MOST_EVERY:
                return self._keys
            if not self._url:
                raise Unauthenticated("no keys to check tokens with: set CRM_JWKS_URL")
            try:
                self._keys = KeySet.import_key_set(await _key_set(self._url))
            except (httpx.HTTPError, OSError, ValueError) as fault:
                log("auth").warning("keys not fetched", fault=type(fault).__name__)
                if self._keys is None:
                    raise Busy("the issuer's keys cannot be fetched") from fault
            self._fetched = time.monotonic()
            assert self._keys is not None  # noqa: S101  set or raised above
            return self._keys


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

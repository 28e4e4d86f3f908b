"""Which tokens are taken: one algorithm, our issuer and audience, an end, a staff id; keys that may rotate."""

import asyncio
import base64
import hashlib
import hmac
import json
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st
from joserfc import jwt
from joserfc.jwk import KeySet, OKPKey, RSAKey

import shared.auth.tokens
from shared.auth.principal import ADMIN
from shared.auth.tokens import EmbeddedIssuer, TokenVerifier
from shared.errors import Busy, Unauthenticated
from shared.ids import new_id
from shared.settings import Settings

SETTINGS = Settings(issuer="https://id.example", audience="crm")
ISSUER = EmbeddedIssuer(SETTINGS)
SUBJECT = new_id()
NOW = int(time.time())


def _token(key: OKPKey = ISSUER.key, header: dict[str, Any] | None = None, **changed: Any) -> str:
    """A good token but for what is changed; None leaves a claim out."""
    claims = {
        "iss": SETTINGS.issuer,
        "aud": SETTINGS.audience,
        "sub": str(SUBJECT),
        "roles": ["cs_manager"],
        "exp": NOW + 3_600,
        **changed,
    }
    claims = {name: value for name, value in claims.items() if value is not None}
    return jwt.encode({"alg": "Ed25519", "kid": key.kid, **(header or {})}, claims, key, algorithms=["Ed25519"])


def _verifier() -> TokenVerifier:
    return TokenVerifier(SETTINGS, ISSUER.public_keys)


def _part(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


async def test_a_good_token_says_who_asks() -> None:
    principal = await _verifier().verify(_token())
    assert (principal.id, principal.roles) == (SUBJECT, frozenset({"cs_manager"}))


async def test_one_of_several_audiences_will_do() -> None:
    await _verifier().verify(_token(aud=["shop", "crm"]))


async def test_roles_that_we_do_not_know_count_for_nothing() -> None:
    principal = await _verifier().verify(_token(roles=["owner", "ADMIN", "salesperson", 7, None]))
    assert principal.roles == {"salesperson"}
    assert not (await _verifier().verify(_token(roles=None))).roles
    assert not principal.has(ADMIN)


BAD_CLAIMS: dict[str, dict[str, Any]] = {
    "expired": {"exp": NOW - 1},
    "not yet valid": {"nbf": NOW + 600},
    "issued in the future": {"iat": NOW + 600},
    "foreign issuer": {"iss": "https://other.example"},
    "no issuer": {"iss": None},
    "wrong audience": {"aud": "shop"},
    "wrong audiences": {"aud": ["shop", "crm2"]},
    "no audience": {"aud": None},
    "no end": {"exp": None},
    "an end that is no time": {"exp": "tomorrow"},
    "no subject": {"sub": None},
    "a subject that is no id": {"sub": "li.na"},
    "an empty subject": {"sub": ""},
    "roles as text": {"roles": "admin"},
    "roles as an object": {"roles": {"admin": True}},
}


@pytest.mark.parametrize("changed", BAD_CLAIMS.values(), ids=BAD_CLAIMS.keys())
async def test_claims_that_do_not_fit_are_refused(changed: dict[str, Any]) -> None:
    with pytest.raises(Unauthenticated):
        await _verifier().verify(_token(**changed))


def _unsigned() -> str:
    return f"{_part({'alg': 'none'})}.{_token().split('.')[1]}."


def _signed_with_the_public_key() -> str:
    """The classical confusion: an HMAC whose secret is what everybody knows."""
    signed = f"{_part({'alg': 'HS256', 'kid': ISSUER.key.kid})}.{_token().split('.')[1]}"
    signature = hmac.new(ISSUER.key.as_pem(private=False), signed.encode(), hashlib.sha256).digest()
    return f"{signed}.{base64.urlsafe_b64encode(signature).decode().rstrip('=')}"


def _signed_with_another_key() -> str:
    return _token(EmbeddedIssuer(SETTINGS).key, {"kid": ISSUER.key.kid})


def _with_its_own_key() -> str:
    own = EmbeddedIssuer(SETTINGS).key
    return _token(own, {"jwk": own.as_dict(private=False), "jku": "http://127.0.0.1:1/keys"})


def _with_header(more: dict[str, Any]) -> str:
    """Signed by ourselves, whatever the header says."""
    signed = f"{_part({'alg': 'Ed25519', 'kid': ISSUER.key.kid, **more})}.{_token().split('.')[1]}"
    key = ISSUER.key.private_key
    assert isinstance(key, Ed25519PrivateKey)
    return f"{signed}.{base64.urlsafe_b64encode(key.sign(signed.encode())).decode().rstrip('=')}"


def _changed_after_signing() -> str:
    header, claims, signature = _token().split(".")
    content = json.loads(base64.urlsafe_b64decode(claims + "=="))
    return f"{header}.{_part({**content, 'roles': ['admin']})}.{signature}"


FORGED: dict[str, Callable[[], str]] = {
    "unsigned": _unsigned,
    "HMAC over the public key": _signed_with_the_public_key,
    "another key under our kid": _signed_with_another_key,
    "brings its own key": _with_its_own_key,
    "changed after signing": _changed_after_signing,
    "unknown kid": lambda: _token(header={"kid": "other"}),
    "a critical header that we do not know": lambda: _with_header({"crit": ["moon"], "moon": 1}),
    "an endless one": lambda: _token(padding="x" * 100_000),
    "deep": lambda: f"{base64.urlsafe_b64encode(b'[' * 5_000).decode()}.e30.e30",
    "a list as header": lambda: f"{_part([])}.{_part({})}.e30",
    "two parts": lambda: _token().rpartition(".")[0],
    "five parts": lambda: "a.b.c.d.e",
    "not latin": lambda: "。".join("令牌"),
    "nothing": lambda: "",
}


@pytest.mark.parametrize("forge", FORGED.values(), ids=FORGED.keys())
async def test_forged_tokens_are_refused(forge: Callable[[], str]) -> None:
    with pytest.raises(Unauthenticated) as refused:
        await _verifier().verify(forge())
    assert len(refused.value.detail) < 200, "it is not repeated"


@pytest.mark.parametrize(
    "token, reason",
    [
        (lambda: _token(exp=NOW - 1), "it has expired"),
        (lambda: _token(iss="https://other.example"), "its claim iss"),
        (lambda: _token(aud=None), "its claim aud"),
        (_signed_with_another_key, "no key of our issuer signed it"),
        (_unsigned, "signed in a way that is not taken here"),
        (lambda: "a.b.c", "no token of our issuer"),
    ],
    ids=["expired", "issuer", "audience", "key", "unsigned", "garbage"],
)
async def test_a_refusal_says_why_and_what_to_do(token: Callable[[], str], reason: str) -> None:
    with pytest.raises(Unauthenticated) as refused:
        await _verifier().verify(token())
    assert reason in refused.value.detail
    assert refused.value.detail.endswith("; get a new one")


@given(
    st.one_of(st.text(), st.lists(st.binary().map(lambda raw: base64.urlsafe_b64encode(raw).decode())).map(".".join))
)
@settings(max_examples=100, deadline=None, derandomize=True)
def test_garbage_is_refused_and_never_an_error(garbage: str) -> None:
    with pytest.raises(Unauthenticated):
        asyncio.run(_verifier().verify(garbage))


async def test_an_rsa_key_in_the_set_does_not_open_another_algorithm() -> None:
    rsa = RSAKey.generate_key(2048, {"kid": "rsa"})
    token = jwt.encode({"alg": "RS256", "kid": "rsa"}, {"sub": str(SUBJECT)}, rsa)
    verifier = TokenVerifier(SETTINGS, KeySet([*ISSUER.public_keys.keys, rsa]))
    with pytest.raises(Unauthenticated):
        await verifier.verify(token)
    await verifier.verify(_token())


async def test_a_remembered_token_still_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    verifier, token = _verifier(), _token(exp=int(time.time()) + 60)
    await verifier.verify(token)
    await verifier.verify(token)
    _pass_seconds(monkeypatch, 61)
    with pytest.raises(Unauthenticated):
        await verifier.verify(token)


async def test_a_token_that_we_sign_by_hand_is_good_so_that_the_forged_ones_prove_something() -> None:
    await _verifier().verify(_with_header({}))


async def test_only_so_many_tokens_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shared.auth.tokens, "REMEMBERED", 3)
    verifier = _verifier()
    for number in range(5):
        await verifier.verify(_token(jti=str(number)))
    assert len(verifier._known) == 3


async def test_without_any_keys_nothing_is_taken() -> None:
    with pytest.raises(Unauthenticated):
        await TokenVerifier(SETTINGS).verify(_token())


class IdentityProvider:
    """A real HTTP server that gives a JWKS and counts how often."""

    def __init__(self) -> None:
        self.body = b""
        self.status = "200 OK"
        self.asked = 0
        self.url = ""
        self._server: asyncio.Server | None = None

    def gives(self, *issuers: EmbeddedIssuer, **more: Any) -> None:
        keys = [issuer.key.as_dict(private=False) for issuer in issuers]
        self.body = json.dumps({"keys": [*keys, *more.get("keys", [])]}).encode()

    async def start(self) -> None:
        port = int(self.url.rsplit(":", 1)[1].split("/")[0]) if self.url else 0
        self._server = await asyncio.start_server(self._answer, "127.0.0.1", port)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}/jwks.json"

    async def stop(self) -> None:
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        self.asked += 1
        head = f"HTTP/1.1 {self.status}\r\nContent-Length: {len(self.body)}\r\nConnection: close\r\n\r\n"
        writer.write(head.encode() + self.body)
        await writer.drain()
        writer.close()


@asynccontextmanager
async def _provider() -> AsyncIterator[IdentityProvider]:
    provider = IdentityProvider()
    await provider.start()
    try:
        yield provider
    finally:
        await provider.stop()


def _fetching(url: str) -> TokenVerifier:
    return TokenVerifier(SETTINGS.model_copy(update={"jwks_url": url}))


def _pass_seconds(monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
    """Moves real time forward."""
    for name in ("time", "monotonic"):
        present: Callable[[], float] = getattr(time, name)
        monkeypatch.setattr(time, name, partial(_later, present, seconds))


def _later(clock: Callable[[], float], seconds: float) -> float:
    return clock() + seconds


async def test_keys_are_fetched_once_for_many() -> None:
    async with _provider() as provider:
        provider.gives(ISSUER)
        verifier = _fetching(provider.url)
        await asyncio.gather(*(verifier.verify(_token(jti=str(n))) for n in range(20)))
        assert provider.asked == 1


async def test_a_new_key_is_found_and_guessing_kids_asks_seldom(monkeypatch: pytest.MonkeyPatch) -> None:
    new = EmbeddedIssuer(SETTINGS)
    async with _provider() as provider:
        provider.gives(ISSUER)
        verifier = _fetching(provider.url)
        await verifier.verify(_token())
        provider.gives(ISSUER, new)
        for n in range(20):
            with pytest.raises(Unauthenticated):
                await verifier.verify(_token(new.key, jti=str(n)))
        assert provider.asked == 1, "not within 30 s"
        _pass_seconds(monkeypatch, 31)
        await asyncio.gather(*(verifier.verify(_token(new.key, jti=str(n))) for n in range(20)))
        await verifier.verify(_token())
        assert provider.asked == 2


async def test_a_withdrawn_key_is_refused_within_minutes(monkeypatch: pytest.MonkeyPatch) -> None:
    new = EmbeddedIssuer(SETTINGS)
    async with _provider() as provider:
        provider.gives(ISSUER)
        verifier = _fetching(provider.url)
        await verifier.verify(_token())
        provider.gives(new)
        _pass_seconds(monkeypatch, 601)
        with pytest.raises(Unauthenticated):
            await verifier.verify(_token())
        await verifier.verify(_token(new.key))


async def test_an_issuer_that_is_away_leaves_the_keys_we_have(monkeypatch: pytest.MonkeyPatch) -> None:
    async with _provider() as provider:
        provider.gives(ISSUER)
        verifier = _fetching(provider.url)
        await verifier.verify(_token())
        await provider.stop()
        _pass_seconds(monkeypatch, 601)
        await verifier.verify(_token())
        await verifier.verify(_token(jti="another"))


async def test_before_the_first_keys_it_is_busy_and_then_comes_right(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shared.auth.tokens, "RETRY_AT_MOST_EVERY", 60.0)
    async with _provider() as provider:
        verifier = _fetching(provider.url)
        for number, body in enumerate(UNUSABLE):
            provider.body = body
            with pytest.raises(Busy):
                await verifier.verify(_token())
            with pytest.raises(Busy):
                await verifier.verify(_token())
            assert provider.asked == number + 1, "not asked again at once"
            _pass_seconds(monkeypatch, 61)
        provider.gives(ISSUER)
        provider.status = "500 Oops"
        with pytest.raises(Busy):
            await verifier.verify(_token())
        provider.status = "200 OK"
        _pass_seconds(monkeypatch, 61)
        await verifier.verify(_token())


UNUSABLE = [b"", b"<html>", b"[]", b"{}", b'{"keys": 7}', b'{"keys": []}', b'{"keys": [{"kty": "OKP"}]}', b"[" * 9_000]


async def test_keys_of_other_kinds_in_the_set_do_no_harm() -> None:
    async with _provider() as provider:
        provider.gives(ISSUER, keys=[{"kty": "AKP", "alg": "ML-DSA-44", "kid": "pq", "pub": "AAAA"}])
        await _fetching(provider.url).verify(_token())


async def test_keys_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "the keys.json"
    file.write_text(json.dumps(ISSUER.public_keys.as_dict()))
    await _fetching(file.as_uri()).verify(_token())
    with pytest.raises(Busy):
        await _fetching((tmp_path / "absent.json").as_uri()).verify(_token())


async def test_the_embedded_issuer_gives_its_private_key_to_nobody() -> None:
    for key in ISSUER.public_keys.as_dict()["keys"]:
        assert "d" not in key

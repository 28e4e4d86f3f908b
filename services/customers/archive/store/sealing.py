"""Sealing the personal part of the archive, and the traces by which it is found without opening it.

Personal are phones, e-mails, address and birthday of every customer, and the name of one who is a person.
"""

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any
from uuid import UUID

import orjson

from services.customers.archive.domain import Profile, folded
from shared.personal import Vault
from shared.phones import e164_or_none, without_extension


def seal(vault: Vault, customer_id: UUID, profile: Profile) -> bytes:
    """The personal part, bound to the customer's row."""
    personal = {
        "name": profile.name if profile.kind == "person" else None,
        "phones": profile.phones,
        "emails": profile.emails,
        "address": profile.address,
        "birthday": profile.birthday,
    }
    return vault.seal(orjson.dumps(personal), customer_id.bytes)


def unseal(vault: Vault, customer_id: UUID, sealed: bytes) -> dict[str, Any]:
    """The personal fields of a profile; `name` is None for a store."""
    personal: dict[str, Any] = orjson.loads(vault.open(sealed, customer_id.bytes))
    birthday = personal["birthday"]
    return {
        **personal,
        "phones": tuple(personal["phones"]),
        "emails": tuple(personal["emails"]),
        "birthday": None if birthday is None else date.fromisoformat(birthday),
    }


def traces_of(vault: Vault, profile: Profile) -> list[bytes]:
    """The blind index of a profile: by phone, by e-mail, and a person by the full name."""
    named = [profile.name] if profile.kind == "person" else []
    return _digests(vault, profile.phones, profile.emails, named)


def traces_sought(vault: Vault, query: str) -> list[bytes]:
    """The traces that a query may name: a phone, an e-mail or a full name."""
    phone = e164_or_none(query)
    return _digests(vault, [phone] if phone else [], [query] if "@" in query else [], [query])


def phone_trace(vault: Vault, phone: str) -> bytes:
    """The trace of a phone number in E.164: a caller's display shows no extension, so none is in it."""
    return vault.digest(f"phone:{without_extension(phone)}".encode())


def _digests(vault: Vault, phones: Iterable[str], mails: Iterable[str], names: Iterable[str]) -> list[bytes]:
    def each() -> Iterator[bytes]:
        yield from (phone_trace(vault, phone) for phone in phones)
        yield from (vault.digest(f"email:{mail.lower()}".encode()) for mail in mails)
        yield from (vault.digest(f"name:{folded(name)}".encode()) for name in names)

    return list(each())

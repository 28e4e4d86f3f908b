"""Sealing the personal part of the archive, and the traces by which it is found without opening it.

Personal are phones, e-mails, address and birthday of every customer, and the name of one who is a person.
"""

from collections.abc import Collection
from datetime import date
from typing import Any
from uuid import UUID

import orjson

from services.customers.archive.domain import Profile
from services.customers.traces.store import birthday_trace, mail_trace, phone_trace, traces
from shared.key_ring import Sealer
from shared.personal import Vault
from shared.phones import e164_or_none


def seal(vault: Sealer, customer_id: UUID, profile: Profile) -> bytes:
    """The personal part, bound to the customer's row."""
    personal = {
        "name": profile.name if profile.kind == "person" else None,
        "phones": profile.phones,
        "emails": profile.emails,
        "address": profile.address,
        "birthday": profile.birthday,
    }
    return vault.seal(orjson.dumps(personal), customer_id.bytes)


def unseal(vault: Sealer, customer_id: UUID, sealed: bytes) -> dict[str, Any]:
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
    """The blind index of a profile: by phone, by e-mail, and a person by the full name and the birthday."""
    if profile.kind == "store":
        return traces(vault, profile.phones, profile.emails, [])
    born = profile.birthday
    birthday = [] if born is None else [birthday_trace(vault, born.month, born.day)]
    return traces(vault, profile.phones, profile.emails, [profile.name]) + birthday


def traces_sought(vault: Vault, query: str, in_full: Collection[str]) -> list[bytes]:
    """The traces that a query may name: a phone, an e-mail or a full name, as far as the reader sees these in full.

    Of a field that is masked for the reader there is no trace, so what is guessed of it is answered like anything else.
    """
    look_up = look_up_sought(vault, query, in_full)
    names = traces(vault, [], [], [query] if "name" in in_full else [])
    return names if look_up is None else [look_up, *names]


def look_up_sought(vault: Vault, query: str, in_full: Collection[str]) -> bytes | None:
    """The trace of the phone or the e-mail that a query is, for a reader who sees these in full; else None."""
    if "@" in query:
        return mail_trace(vault, query) if "emails" in in_full else None
    phone = e164_or_none(query) if "phones" in in_full else None
    return phone_trace(vault, phone) if phone else None

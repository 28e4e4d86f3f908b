"""Sealing the personal part of the archive, and the traces by which it is found without opening it.

Personal are phones, e-mails, address and birthday of every customer, and the names and licence of one who is a person.
"""

from collections.abc import Collection
from datetime import date
from typing import Any, Final
from uuid import UUID

import orjson

from services.customers.archive.domain import Profile
from services.customers.traces.store import birthday_trace, licence_trace, mail_trace, phone_trace, traces
from shared.key_ring import Sealer
from shared.licences import licence_no_or_none
from shared.personal import Vault
from shared.phones import e164_or_none

IN_LEGAL: Final = ("legal_name", "licence_no")


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


def seal_legal(vault: Sealer, customer_id: UUID, profile: Profile) -> bytes | None:
    """Legal name and licence of a person; None for a store, and where neither is known."""
    if profile.kind == "store" or not (profile.legal_name or profile.licence_no):
        return None
    said = {name: getattr(profile, name) for name in IN_LEGAL}
    return vault.seal(orjson.dumps(said), customer_id.bytes)


def unseal_legal(vault: Sealer, customer_id: UUID, sealed: bytes) -> dict[str, Any]:
    """Legal name and licence of a person."""
    said: dict[str, Any] = orjson.loads(vault.open(sealed, customer_id.bytes))
    return said


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
    """The blind index of a profile: by phone, e-mail and licence, and a person by the full names and the birthday."""
    licence = [licence_trace(vault, profile.licence_no, profile.kind)] if profile.licence_no else []
    if profile.kind == "store":
        return traces(vault, profile.phones, profile.emails, []) + licence
    born = profile.birthday
    birthday = [] if born is None else [birthday_trace(vault, born.month, born.day)]
    names = dict.fromkeys(name for name in (profile.name, profile.legal_name) if name)
    return traces(vault, profile.phones, profile.emails, names) + birthday + licence


def traces_sought(vault: Vault, query: str, in_full: Collection[str]) -> list[bytes]:
    """The traces that a query may name: a phone, an e-mail or a full name, as far as the reader sees these in full.

    Of a field that is masked for the reader there is no trace, so what is guessed of it is answered like anything else.
    """
    look_up = look_up_sought(vault, query, in_full)
    names = traces(vault, [], [], [query] if "name" in in_full else [])
    return names if look_up is None else [look_up, *names]


def licences_sought(vault: Vault, query: str, in_full: Collection[str]) -> list[bytes]:
    """The traces of the licence that a query may be: a store's, which is masked for nobody, and that of a person for a
    reader who sees it in full."""
    licence = licence_no_or_none(query)
    kinds = ("store", "person") if "licence_no" in in_full else ("store",)
    return [licence_trace(vault, licence, kind) for kind in kinds] if licence else []


def look_up_sought(vault: Vault, query: str, in_full: Collection[str]) -> bytes | None:
    """The trace of the phone or the e-mail that a query is, for a reader who sees these in full; else None."""
    if "@" in query:
        return mail_trace(vault, query) if "emails" in in_full else None
    phone = e164_or_none(query) if "phones" in in_full else None
    return phone_trace(vault, phone) if phone else None

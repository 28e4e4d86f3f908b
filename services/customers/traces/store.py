"""Traces: keyed hashes of a phone, an e-mail or a full name, the same wherever these stand sealed (architecture 5)."""

from collections.abc import Iterable, Iterator

from services.customers.finding.domain import folded
from shared.personal import Vault
from shared.phones import without_extension


def phone_trace(vault: Vault, phone: str) -> bytes:
    """The trace of a phone number in E.164: a caller's display shows no extension, so none is in it."""
    return vault.digest(f"phone:{without_extension(phone)}".encode())


def mail_trace(vault: Vault, mail: str) -> bytes:
    """The trace of an e-mail address."""
    return vault.digest(f"email:{mail.lower()}".encode())


def birthday_trace(vault: Vault, month: int, day: int) -> bytes:
    """The trace of a day of birth, without its year: so it is found whose comes, and not who is how old."""
    return vault.digest(f"birthday:{month:02}-{day:02}".encode())


def licence_trace(vault: Vault, licence: str, kind: str) -> bytes:
    """The trace of a licence number as it is kept; that of a person is found by those alone who see it."""
    return vault.digest(f"licence:{kind}:{licence}".encode())


def traces(vault: Vault, phones: Iterable[str], mails: Iterable[str], names: Iterable[str]) -> list[bytes]:
    """Those of several phones, e-mails and full names, in this order."""

    def each() -> Iterator[bytes]:
        yield from (phone_trace(vault, phone) for phone in phones)
        yield from (mail_trace(vault, mail) for mail in mails)
        yield from (vault.digest(f"name:{folded(name)}".encode()) for name in names)

    return list(each())

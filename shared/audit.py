"""The audit: who did or looked up what, when, and with whom in mind. The table takes inserts alone.

An entry holds ids and codes. What is personal (a number that was looked up) stands in it as a keyed hash, so that the
same one can be found again; a reason stands sealed with what it was given for. Where the request stated for what it is
(`shared.purposes`), the entry says that.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, Text, Uuid, or_, select

from shared.kernel_schema import AUDIT_ENTRY
from shared.purposes import stated
from shared.statement import Reader, Statement, given, if_given, insert_many, insert_one


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """`what` is a code such as purchase.reversed, `subject` the id of what it was done to, `digest` a keyed hash,
    `purpose` for what it was done, where that was stated."""

    id: int
    made_at: datetime
    made_by: UUID
    what: str
    subject: UUID | None
    digest: bytes | None
    purpose: str | None = None


_ENTRY = AUDIT_ENTRY.c
_ENTER = Statement(insert_one(AUDIT_ENTRY, "made_by", "what", "subject", "digest", "purpose"))
_OF_ALL = {name: given(name, kind) for name, kind in (("made_by", Uuid), ("what", Text), ("purpose", Text))}
_ENTER_MANY = Statement(insert_many(AUDIT_ENTRY, "subject", **_OF_ALL))
_NEWEST_FIRST = Statement(
    select(*(_ENTRY[field.name] for field in fields(AuditEntry)))
    .where(
        if_given(_ENTRY.made_by),
        if_given(_ENTRY.what),
        if_given(_ENTRY.subject),
        or_(given("before", BigInteger).is_(None), _ENTRY.id < given("before", BigInteger)),
    )
    .order_by(_ENTRY.id.desc())
    .limit(given("most")),
    AuditEntry,
)


async def enter(
    transaction: Reader, by: UUID, what: str, subject: UUID | None = None, *, digest: bytes | None = None
) -> None:
    """Enters what is done in this transaction, or what is only read.

    `digest` is a keyed hash (`Vault.digest`) of what the entry must not say in the open.
    """
    await _ENTER.execute(transaction, made_by=by, what=what, subject=subject, digest=digest, purpose=stated())


async def enter_many(transaction: Reader, by: UUID, what: str, subjects: Sequence[UUID]) -> None:
    """Enters the same of many subjects, one entry each, by one statement; of none nothing."""
    if subjects:
        await _ENTER_MANY.execute(transaction, made_by=by, what=what, subject=subjects, purpose=stated())


async def newest_first(
    reader: Reader, filters: Mapping[str, object], before: int | None, most: int
) -> list[AuditEntry]:
    """Entries before the one with that id; `filters` are made_by, what and subject, each None for any."""
    return await _NEWEST_FIRST.all(reader, **filters, before=before, most=most)

"""The company profile in the database."""

from collections.abc import Sequence
from dataclasses import asdict, fields
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from services.customers.company.domain import Profile, Signatory
from services.customers.company.tables import CompanyProfileRow
from shared.db import Connection
from shared.statement import Reader, Statement, excluded, insert_one, table

_KEPT = [field.name for field in fields(Profile)]


def _profile(*, signatories: Sequence[dict[str, Any]], **same: Any) -> Profile:
    return Profile(signatories=[_signatory(**each) for each in signatories], **same)


def _signatory(*, department_id: str | None, **same: Any) -> Signatory:
    return Signatory(department_id=UUID(department_id) if department_id else None, **same)


_READ = select(*(table(CompanyProfileRow).c[name] for name in _KEPT))
_ONE = Statement(_READ, _profile)
_LOCK = Statement(_READ.with_for_update(), _profile)
_HOLD = Statement("SELECT pg_advisory_xact_lock(hashtextextended('company_profile', 0))")
"""By hand: two who set the first profile at once have no row to wait for."""
_KEEP = Statement(
    insert_one(CompanyProfileRow, "id", *_KEPT).on_conflict_do_update(
        index_elements=[col(CompanyProfileRow.id)],
        set_={name: excluded(CompanyProfileRow)[name] for name in _KEPT},
    )
)


async def read(reader: Reader) -> Profile | None:
    """The profile; None before one is set."""
    return await _ONE.one(reader)


async def lock(transaction: Connection) -> Profile | None:
    """The same, nobody else setting one until the transaction ends."""
    await _HOLD.execute(transaction)
    return await _LOCK.one(transaction)


async def keep(transaction: Connection, profile: Profile) -> None:
    """Writes the profile, the first or another version."""
    row = asdict(profile)
    row["signatories"] = [
        {**each, "department_id": str(each["department_id"]) if each["department_id"] else None}
        for each in row["signatories"]
    ]
    await _KEEP.execute(transaction, id=1, **row)

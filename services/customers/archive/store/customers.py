"""The archive in the database; the personal part is sealed on the way in and opened on the way out."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg

from services.customers.archive.domain import Customer, ExternalNoTaken, NewCustomer, Profile, folded, words_of
from services.customers.archive.store import sealing
from services.customers.context import Context
from services.customers.heads.store.visibility import sees
from shared.db import Connection, Database
from shared.months import Month

_COLUMNS = """c.id, c.version, c.tier, a.kind, a.name, a.external_no, a.region_id, a.stage, a.language, a.time_zone,
a.opened_on, a.registered_at, a.personal"""
SELECT = f"SELECT {_COLUMNS} FROM customer c JOIN archive a ON a.customer_id = c.id"  # noqa: S608  constant column list

_REGISTER = """
WITH incoming AS (
    SELECT * FROM unnest($1::uuid[], $2::varchar[], $3::varchar[], $4::varchar[], $5::varchar[], $6::uuid[],
                         $7::varchar[], $8::varchar[], $9::date[], $10::timestamptz[], $11::bytea[], $12::integer[])
        AS t(id, kind, name, folded, external_no, region_id, language, time_zone, opened_on, registered_at, personal,
             month)
), kept AS (
    INSERT INTO archive (customer_id, kind, name, folded, external_no, region_id, language, time_zone, opened_on,
                         registered_at, registered_by, personal, words, traces)
    SELECT i.id, kind, name, folded, external_no, region_id, language, time_zone, opened_on, registered_at, $15::uuid,
           personal,
           ARRAY(SELECT jsonb_array_elements_text(($13::jsonb) -> i.id::varchar)),
           ARRAY(SELECT decode(t, 'hex') FROM jsonb_array_elements_text(($14::jsonb) -> i.id::varchar) AS t)
    FROM incoming i
    ON CONFLICT (external_no) DO NOTHING
    RETURNING customer_id
)
INSERT INTO customer (id, version, tier, counts_from)
SELECT i.id, 1, 'D', i.month FROM incoming i JOIN kept k ON k.customer_id = i.id
RETURNING id
"""

_UPDATE = """
WITH head AS (UPDATE customer SET version = version + 1 WHERE id = $1 RETURNING version), kept AS (
    UPDATE archive SET name = $2, folded = $3, external_no = $4, region_id = $5, language = $6, time_zone = $7,
                       opened_on = $8, personal = $9, words = $10, traces = $11
    WHERE customer_id = $1
)
SELECT version FROM head
"""
_BY_NUMBERS = f"{SELECT} WHERE a.external_no = ANY($1::varchar[])"
_LOCKED = f"{SELECT} WHERE c.id = $1 AND {sees('$2', 'c.id')} FOR NO KEY UPDATE OF c"
_REGIONS = "SELECT id FROM region WHERE id = ANY($1::uuid[])"


async def insert_many(
    context: Context, transaction: Connection, customers: Sequence[NewCustomer], by: UUID | None
) -> set[UUID]:
    """Registers customers; returns the ids of those whose external number was free."""
    profiles = [customer.profile for customer in customers]
    rows = await transaction.fetch(
        _REGISTER,
        [customer.id for customer in customers],
        [p.kind for p in profiles],
        [_trading_name(p) for p in profiles],
        [_folded(p) for p in profiles],
        [p.external_no for p in profiles],
        [p.region_id for p in profiles],
        [p.language for p in profiles],
        [p.time_zone for p in profiles],
        [p.opened_on for p in profiles],
        [customer.registered_at for customer in customers],
        [sealing.seal(context.personal, customer.id, customer.profile) for customer in customers],
        [Month.of(customer.registered_at, context.runtime.zone).ordinal for customer in customers],
        {str(customer.id): _words(customer.profile) for customer in customers},
        {str(customer.id): _traces_in_hex(context, customer.profile) for customer in customers},
        by,
    )
    return {row["id"] for row in rows}


async def update(context: Context, transaction: Connection, customer: Customer, profile: Profile) -> int:
    """Changes a locked customer's profile; returns the new version. Raises ExternalNoTaken."""
    try:
        version: int = await transaction.fetchval(
            _UPDATE,
            customer.id,
            _trading_name(profile),
            _folded(profile),
            profile.external_no,
            profile.region_id,
            profile.language,
            profile.time_zone,
            profile.opened_on,
            sealing.seal(context.personal, customer.id, profile),
            _words(profile),
            sealing.traces_of(context.traces, profile),
        )
    except asyncpg.UniqueViolationError:
        raise ExternalNoTaken("another customer has this number", pointer="#/external_no") from None
    return version


async def locked(context: Context, transaction: Connection, id_: UUID, *, viewer: UUID | None) -> Customer | None:
    row = await transaction.fetchrow(_LOCKED, id_, viewer)
    return None if row is None else customer_of(context, row)


async def by_numbers(context: Context, reader: Connection | Database, numbers: Sequence[str]) -> list[Customer]:
    """Customers with one of these external numbers."""
    return [customer_of(context, row) for row in await reader.fetch(_BY_NUMBERS, numbers)]


async def unknown_regions(reader: Connection, ids: set[UUID]) -> set[UUID]:
    """Those of `ids` that are no region's."""
    return ids - {row["id"] for row in await reader.fetch(_REGIONS, ids)} if ids else set()


def _trading_name(profile: Profile) -> str | None:
    return profile.name if profile.kind == "store" else None


def _folded(profile: Profile) -> str | None:
    return folded(profile.name) if profile.kind == "store" else None


def _words(profile: Profile) -> list[str]:
    return words_of(profile.name) if profile.kind == "store" else []


def _traces_in_hex(context: Context, profile: Profile) -> list[str]:
    return [trace.hex() for trace in sealing.traces_of(context.traces, profile)]


def customer_of(context: Context, row: Any) -> Customer:
    """The customer in a row of SELECT."""
    personal = sealing.unseal(context.personal, row["id"], row["personal"])
    profile = Profile(
        kind=row["kind"],
        name=row["name"] or personal["name"],
        external_no=row["external_no"],
        region_id=row["region_id"],
        phones=personal["phones"],
        emails=personal["emails"],
        language=row["language"],
        time_zone=row["time_zone"],
        address=personal["address"],
        birthday=personal["birthday"],
        opened_on=row["opened_on"],
    )
    registered_at: datetime = row["registered_at"]
    return Customer(row["id"], row["version"], row["tier"], row["stage"], registered_at, profile)

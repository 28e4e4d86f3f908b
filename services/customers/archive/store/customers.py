"""The archive in the database; the personal part is sealed on the way in and opened on the way out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import asyncpg
from sqlalchemy import Text, select
from sqlmodel import col

from services.customers.archive.domain import (
    Customer,
    CustomerKind,
    ExternalNoTaken,
    NewCustomer,
    Profile,
    folded,
    words_of,
)
from services.customers.archive.store import sealing
from services.customers.archive.tables import ArchiveRow
from services.customers.heads.store.visibility import visible
from services.customers.heads.tables import CustomerRow
from services.customers.organisation.tables import RegionRow
from shared.contracts.customers import Tier
from shared.db import Connection
from shared.languages import Language
from shared.months import Month
from shared.personal import Vault
from shared.statement import Reader, Scalar, Statement, any_given, by_column, given, table


@dataclass(frozen=True, slots=True)
class StoredCustomer:
    """A customer as it is stored: `personal` is sealed, and a person's name in it."""

    id: UUID
    version: int
    tier: Tier
    kind: CustomerKind
    name: str | None
    external_no: str | None
    region_id: UUID | None
    stage: str | None
    language: Language
    time_zone: str | None
    opened_on: date | None
    registered_at: datetime
    personal: bytes

    def opened(self, vault: Vault) -> Customer:
        personal = sealing.unseal(vault, self.id, self.personal)
        profile = Profile(
            kind=self.kind,
            name=self.name or personal["name"],
            external_no=self.external_no,
            region_id=self.region_id,
            phones=personal["phones"],
            emails=personal["emails"],
            language=self.language,
            time_zone=self.time_zone,
            address=personal["address"],
            birthday=personal["birthday"],
            opened_on=self.opened_on,
        )
        return Customer(self.id, self.version, self.tier, self.stage, self.registered_at, profile)


_ARCHIVED = (
    "kind", "name", "external_no", "region_id", "stage", "language", "time_zone", "opened_on", "registered_at",
    "personal",
)  # fmt: skip
STORED = (
    select(col(CustomerRow.id), col(CustomerRow.version), col(CustomerRow.tier))
    .add_columns(*(table(ArchiveRow).c[name] for name in _ARCHIVED))
    .join(ArchiveRow, col(ArchiveRow.customer_id) == col(CustomerRow.id))
)
"""The columns of a StoredCustomer."""

_LOCKED = Statement(
    STORED.where(col(CustomerRow.id) == given("id"), visible("customer.id")).with_for_update(
        key_share=True, of=CustomerRow
    ),
    StoredCustomer,
)
_BY_NUMBERS = Statement(STORED.where(col(ArchiveRow.external_no) == any_given("numbers", Text)), StoredCustomer)
_REGISTER = Scalar(
    """
    WITH incoming AS (
        SELECT * FROM unnest(:id::uuid[], :kind::text[], :name::text[], :folded::text[], :external_no::text[],
                             :region_id::uuid[], :language::text[], :time_zone::text[], :opened_on::date[],
                             :registered_at::timestamptz[], :personal::bytea[], :month::integer[])
            AS t(id, kind, name, folded, external_no, region_id, language, time_zone, opened_on, registered_at,
                 personal, month)
    ), kept AS (
        INSERT INTO archive (customer_id, kind, name, folded, external_no, region_id, language, time_zone, opened_on,
                             registered_at, registered_by, personal, words, traces)
        SELECT i.id, kind, name, folded, external_no, region_id, language, time_zone, opened_on,
               registered_at, :by::uuid, personal,
               ARRAY(SELECT jsonb_array_elements_text((:words::jsonb) -> i.id::text)),
               ARRAY(SELECT decode(t, 'hex') FROM jsonb_array_elements_text((:traces::jsonb) -> i.id::text) AS t)
        FROM incoming i
        ON CONFLICT (external_no) DO NOTHING
        RETURNING customer_id
    )
    INSERT INTO customer (id, version, tier, counts_from)
    SELECT i.id, 1, 'D', i.month FROM incoming i JOIN kept k ON k.customer_id = i.id
    RETURNING id
    """,
    UUID,
)
"""By hand: heads for those only whose number was free; arrays cannot go through unnest, so they come as JSON by id."""
_UPDATE = Scalar(
    """
    WITH head AS (UPDATE customer SET version = version + 1 WHERE id = :id RETURNING version), kept AS (
        UPDATE archive
        SET name = :name, folded = :folded, external_no = :external_no, region_id = :region_id, language = :language,
            time_zone = :time_zone, opened_on = :opened_on, personal = :personal, words = :words, traces = :traces
        WHERE customer_id = :id
    )
    SELECT version FROM head
    """,
    int,
)
"""By hand: the archive and the head of a customer in one round trip."""
_REGION = Scalar(select(col(RegionRow.id)).where(col(RegionRow.id) == given("id")), UUID)


async def insert_many(
    transaction: Connection,
    customers: Sequence[NewCustomer],
    *,
    personal: Vault,
    traces: Vault,
    zone: ZoneInfo,
    by: UUID | None,
) -> set[UUID]:
    """Registers customers; returns the ids of those whose external number was free."""
    rows = await _REGISTER.all(
        transaction,
        **by_column(
            {
                "id": new.id,
                "kind": new.profile.kind,
                **_row(new.id, new.profile, personal),
                "registered_at": new.registered_at,
                "month": Month.of(new.registered_at, zone).ordinal,
            }
            for new in customers
        ),
        words={str(new.id): _words(new.profile) for new in customers},
        traces={str(new.id): [each.hex() for each in sealing.traces_of(traces, new.profile)] for new in customers},
        by=by,
    )
    return set(rows)


async def update(
    transaction: Connection, customer: Customer, profile: Profile, *, personal: Vault, traces: Vault
) -> int:
    """Changes a locked customer's profile; returns the new version. Raises ExternalNoTaken."""
    try:
        return await _UPDATE.only(
            transaction,
            id=customer.id,
            **_row(customer.id, profile, personal),
            words=_words(profile),
            traces=sealing.traces_of(traces, profile),
        )
    except asyncpg.UniqueViolationError:
        raise ExternalNoTaken("another customer has this number", pointer="#/external_no") from None


async def locked(transaction: Connection, id_: UUID, personal: Vault, *, viewer: UUID | None) -> Customer | None:
    """None also for a customer whom the viewer does not see."""
    found = await _LOCKED.one(transaction, id=id_, viewer=viewer)
    return None if found is None else found.opened(personal)


async def by_numbers(reader: Reader, numbers: Sequence[str], personal: Vault) -> list[Customer]:
    """Customers with one of these external numbers."""
    return [found.opened(personal) for found in await _BY_NUMBERS.all(reader, numbers=numbers)]


async def is_region(reader: Reader, id_: UUID) -> bool:
    return await _REGION.one(reader, id=id_) is not None


def _row(id_: UUID, profile: Profile, personal: Vault) -> dict[str, Any]:
    """The columns of a profile that may change; a person's name stands in the sealed part alone."""
    trading_name = profile.name if profile.kind == "store" else None
    return {
        "name": trading_name,
        "folded": trading_name and folded(trading_name),
        "external_no": profile.external_no,
        "region_id": profile.region_id,
        "language": profile.language,
        "time_zone": profile.time_zone,
        "opened_on": profile.opened_on,
        "personal": sealing.seal(personal, id_, profile),
    }


def _words(profile: Profile) -> list[str]:
    return words_of(profile.name) if profile.kind == "store" else []

"""The archive in the database; the personal part is sealed on the way in and opened on the way out."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import asyncpg
from asyncpg import Record
from sqlalchemy import Uuid, func, select
from sqlmodel import col

from services.customers.archive.domain import Customer, ExternalNoTaken, NewCustomer, Profile, filled
from services.customers.archive.store import sealing
from services.customers.archive.tables import ArchiveRow
from services.customers.finding.domain import folded, words_of
from services.customers.heads.store.visibility import visible
from services.customers.heads.tables import CustomerRow
from services.customers.organisation.tables import RegionRow
from services.customers.owners.tables import OwnershipRow
from services.customers.personal_keys import store as keys
from services.customers.personal_keys.tables import PersonalKeyRow
from services.customers.standing import store as standing
from services.customers.standing.domain import bits_of
from services.customers.standing.tables import ArchiveStandingRow
from services.customers.worth.domain.standing import NEW_STAGE
from services.customers.worth.tables import CustomerWorthRow
from shared.db import Connection
from shared.key_ring import PersonalVault, Sealer
from shared.months import Month
from shared.personal import Vault
from shared.statement import Reader, Scalar, Statement, any_given, by_column, given, table

_IN_THE_OPEN = ("kind", "external_no", "region_id", "language", "time_zone", "opened_on", "credit_rating")
"""Fields of the profile that are not sealed; a store's names and licence are not, either."""
_KEPT = (*_IN_THE_OPEN, "name", "legal_name", "licence_no", "registered_at", "personal", "legal", "erased_at")
CUSTOMERS = (
    select(col(CustomerRow.id), col(CustomerRow.version), col(CustomerRow.tier))
    .add_columns(*(table(ArchiveRow).c[name] for name in _KEPT))
    .add_columns(
        select(col(OwnershipRow.owner_id))
        .where(col(OwnershipRow.customer_id) == col(CustomerRow.id), col(OwnershipRow.until).is_(None))
        .scalar_subquery()
        .label("owner_id")
    )
    .add_columns(col(PersonalKeyRow.sealed_by), col(PersonalKeyRow.wrapped), col(ArchiveStandingRow.bits))
    .add_columns(func.coalesce(col(CustomerWorthRow.stage), NEW_STAGE).label("stage"))
    .join(ArchiveRow, col(ArchiveRow.customer_id) == col(CustomerRow.id))
    .outerjoin(PersonalKeyRow, col(PersonalKeyRow.subject_id) == col(CustomerRow.id))
    .outerjoin(ArchiveStandingRow, col(ArchiveStandingRow.customer_id) == col(CustomerRow.id))
    .outerjoin(CustomerWorthRow, col(CustomerWorthRow.customer_id) == col(CustomerRow.id))
)
"""What `opened` needs of customers: the key of a person comes along."""

_LOCK = Scalar(
    select(col(CustomerRow.id))
    .join(ArchiveRow, col(ArchiveRow.customer_id) == col(CustomerRow.id))
    .where(col(CustomerRow.id) == given("id"), visible("customer.id"))
    .with_for_update(key_share=True, of=CustomerRow),
    UUID,
)
_AFTER = Scalar(
    select(col(CustomerRow.id))
    .join(ArchiveRow, col(ArchiveRow.customer_id) == col(CustomerRow.id))
    .where(col(CustomerRow.id) > given("after"), col(ArchiveRow.erased_at).is_(None))
    .order_by(col(CustomerRow.id))
    .limit(given("most"))
    .with_for_update(key_share=True, of=CustomerRow),
    UUID,
)
_BY_IDS = Statement(CUSTOMERS.where(col(CustomerRow.id) == any_given("ids", Uuid)).order_by(col(CustomerRow.id)))
_REGISTER = Scalar(
    """
    WITH incoming AS (
        SELECT * FROM unnest(:id::uuid[], :kind::text[], :name::text[], :folded::text[], :external_no::text[],
                             :region_id::uuid[], :language::text[], :time_zone::text[], :opened_on::date[],
                             :registered_at::timestamptz[], :personal::bytea[], :sealed_by::text[], :wrapped::bytea[],
                             :month::integer[], :bits::integer[], :basic::smallint[],
                             :traits_of::smallint[], :relations::smallint[], :finance::smallint[], :total::smallint[],
                             :legal_name::text[], :licence_no::text[], :credit_rating::text[], :legal::bytea[])
            AS t(id, kind, name, folded, external_no, region_id, language, time_zone, opened_on, registered_at,
                 personal, sealed_by, wrapped, month, bits, basic, traits, relations, finance, total,
                 legal_name, licence_no, credit_rating, legal)
    ), kept AS (
        INSERT INTO archive (customer_id, kind, name, folded, external_no, region_id, language, time_zone, opened_on,
                             registered_at, registered_by, personal, legal_name, licence_no, credit_rating, legal,
                             words, traces)
        SELECT i.id, kind, name, folded, external_no, region_id, language, time_zone, opened_on,
               registered_at, :by::uuid, personal, legal_name, licence_no, credit_rating, legal,
               ARRAY(SELECT jsonb_array_elements_text((:words::jsonb) -> i.id::text)),
               ARRAY(SELECT decode(t, 'hex') FROM jsonb_array_elements_text((:traces::jsonb) -> i.id::text) AS t)
        FROM incoming i
        WHERE NOT EXISTS (SELECT FROM customer_merge m WHERE m.external_no = i.external_no AND m.unmerged_at IS NULL)
        ON CONFLICT (external_no) DO NOTHING
        RETURNING customer_id
    ), keyed AS (
        INSERT INTO personal_key (subject_id, sealed_by, wrapped)
        SELECT i.id, sealed_by, wrapped FROM incoming i JOIN kept k ON k.customer_id = i.id WHERE wrapped IS NOT NULL
    ), standing AS ({standing}), due AS (
        INSERT INTO duplicate_due (customer_id) SELECT customer_id FROM kept
    )
    INSERT INTO customer (id, version, tier, counts_from)
    SELECT i.id, 1, 'D', i.month FROM incoming i JOIN kept k ON k.customer_id = i.id
    RETURNING id
    """,
    UUID,
    standing=standing.REGISTERED,
)
"""By hand: heads for those only whose number was free; arrays cannot go through unnest, so they come as JSON by id."""
_UPDATE = Scalar(
    """
    WITH head AS (UPDATE customer SET version = version + 1 WHERE id = :id RETURNING version), kept AS (
        UPDATE archive
        SET name = :name, folded = :folded, external_no = :external_no, region_id = :region_id, language = :language,
            time_zone = :time_zone, opened_on = :opened_on, personal = :personal, legal_name = :legal_name,
            licence_no = :licence_no, credit_rating = :credit_rating, legal = :legal, words = :words, traces = :traces,
            registered_at = :registered_at, sound = CASE WHEN folded = :folded THEN sound END
        WHERE customer_id = :id
    ), due AS (INSERT INTO duplicate_due (customer_id) VALUES (:id))
    SELECT version FROM head
    """,
    int,
)
"""By hand: the archive and the head of a customer in one round trip, and that it waits to be compared with others."""
_COUNT_FROM = Scalar(
    """
    WITH before AS (SELECT counts_from FROM customer WHERE id = :id), after AS (
        UPDATE customer SET counts_from = least(first_purchase, :month::integer) WHERE id = :id RETURNING counts_from
    )
    SELECT least(before.counts_from, after.counts_from) FROM before, after WHERE before.counts_from <> after.counts_from
    """,
    int,
)
"""By hand: from when the customer counts, before and after, in one round trip."""
_REGION = Scalar(select(col(RegionRow.id)).where(col(RegionRow.id) == given("id")), UUID)


async def insert_many(
    transaction: Connection,
    customers: Sequence[NewCustomer],
    *,
    personal: PersonalVault,
    traces: Vault,
    zone: ZoneInfo,
    at: datetime,
    by: UUID | None,
) -> set[UUID]:
    """Registers customers; returns the ids of those whose external number was free."""
    rows = await _REGISTER.all(
        transaction,
        **by_column(_new_row(new, personal, zone) for new in customers),
        words={str(new.id): _words(new.profile) for new in customers},
        traces={str(new.id): [each.hex() for each in sealing.traces_of(traces, new.profile)] for new in customers},
        at=at,
        by=by,
    )
    return set(rows)


async def update(transaction: Connection, customer: Customer, *, sealer: Sealer, traces: Vault) -> int:
    """Changes a locked customer to what is given; returns the new version. Raises ExternalNoTaken."""
    profile = customer.profile
    try:
        return await _UPDATE.only(
            transaction,
            id=customer.id,
            **_row(customer.id, profile, sealer),
            registered_at=customer.registered_at,
            words=_words(profile),
            traces=sealing.traces_of(traces, profile),
        )
    except asyncpg.UniqueViolationError:
        raise ExternalNoTaken("another customer has this number", pointer="#/external_no") from None


async def count_from(transaction: Connection, customer_id: UUID, registered: Month) -> Month | None:
    """Lets a locked customer count from the month of its registration, or its first purchase when that is earlier.

    Returns the first month that is other than before; None when it counts from the same month as before.
    """
    earliest = await _COUNT_FROM.one(transaction, id=customer_id, month=registered.ordinal)
    return None if earliest is None else Month.at(earliest)


async def locked(
    transaction: Connection, id_: UUID, personal: PersonalVault, *, viewer: UUID | None
) -> Customer | None:
    """None also for a customer whom the viewer does not see; read once it is held, as `locked_after` does."""
    held = await _LOCK.one(transaction, id=id_, viewer=viewer)
    found = await by_ids(transaction, [held], personal) if held is not None else []
    return found[0] if found else None


async def locked_after(transaction: Connection, after: UUID, most: int, personal: PersonalVault) -> list[Customer]:
    """The next customers in the order of their ids.

    They are read once they are held: who waits for a change would else see the archive as it was before.
    """
    return await by_ids(transaction, await _AFTER.all(transaction, after=after, most=most), personal)


async def by_ids(transaction: Connection, ids: Sequence[UUID], personal: PersonalVault) -> list[Customer]:
    """Customers in the order of their ids; who changes them holds them first."""
    return [opened(row, personal) for row in await _BY_IDS.all(transaction, ids=ids)] if ids else []


async def is_region(reader: Reader, id_: UUID) -> bool:
    return await _REGION.one(reader, id=id_) is not None


def opened(row: Record, personal: PersonalVault) -> Customer:
    """The customer in a row of CUSTOMERS."""
    sealer = personal.of(row["id"], keys.key_in(row))
    sealed = sealing.unseal(sealer, row["id"], row["personal"])
    legal = row if row["legal"] is None else sealing.unseal_legal(sealer, row["id"], row["legal"])
    in_the_open = {name: row[name] for name in _IN_THE_OPEN} | {name: legal[name] for name in sealing.IN_LEGAL}
    profile = Profile(**{**sealed, **in_the_open, "name": row["name"] or sealed["name"]})
    return Customer(
        row["id"],
        row["version"],
        row["tier"],
        row["stage"],
        row["registered_at"],
        profile,
        owner_id=row["owner_id"],
        filled=row["bits"],
        erased_at=row["erased_at"],
    )


def _new_row(new: NewCustomer, personal: PersonalVault, zone: ZoneInfo) -> dict[str, Any]:
    """The columns of a new customer; a person comes with a key of their own."""
    key = personal.ring.new(new.id) if new.profile.kind == "person" else None
    return {
        "id": new.id,
        "kind": new.profile.kind,
        **_row(new.id, new.profile, personal.of(new.id, key)),
        "sealed_by": key and key.sealed_by,
        "wrapped": key and key.wrapped,
        "registered_at": new.registered_at,
        "month": Month.of(new.registered_at, zone).ordinal,
        **standing.registered(bits_of(filled(new.profile), new.profile.kind)),
    }


def _row(id_: UUID, profile: Profile, sealer: Sealer) -> dict[str, Any]:
    """The columns of a profile that may change; a person's names and licence stand in the sealed parts alone."""
    store = profile.kind == "store"
    trading_name = profile.name if store else None
    return {
        "name": trading_name,
        "folded": trading_name and folded(trading_name),
        "external_no": profile.external_no,
        "region_id": profile.region_id,
        "language": profile.language,
        "time_zone": profile.time_zone,
        "opened_on": profile.opened_on,
        "legal_name": profile.legal_name if store else None,
        "licence_no": profile.licence_no if store else None,
        "credit_rating": profile.credit_rating,
        "personal": sealing.seal(sealer, id_, profile),
        "legal": sealing.seal_legal(sealer, id_, profile),
    }


def _words(profile: Profile) -> list[str]:
    if profile.kind == "person":
        return []
    return sorted({*words_of(profile.name), *words_of(profile.legal_name or "")})

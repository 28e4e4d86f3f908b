"""Identifiers: UUIDv7, so that they sort by creation and index well."""

from uuid import UUID

from uuid_utils.compat import uuid7


def new_id() -> UUID:
    """A new UUIDv7."""
    return uuid7()


SQL = (
    "(overlay(lpad(to_hex((date_part('epoch', clock_timestamp()) * 4096000)::bigint), 15, '0')"
    " placing '7' from 13 for 0)"
    " || substr(gen_random_uuid()::text, 20))::uuid"
)
"""A new UUIDv7 for each row, on PostgreSQL 15 as well, which has no function for it: milliseconds, then the version,
then the fraction of the millisecond in twelve bits, then the variant and the rest of a random one."""

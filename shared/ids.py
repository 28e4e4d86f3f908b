"""Identifiers: UUIDv7, so that they sort by creation and index well."""

from datetime import timedelta
from typing import Final
from uuid import UUID

from uuid_utils.compat import uuid7

FROM_THE_END: Final = UUID(int=2**128 - 1)
"""After every id: where a list begins that goes from the latest back."""


def new_id() -> UUID:
    """A new UUIDv7."""
    return uuid7()


def made_within(age: timedelta) -> UUID:
    """The bound of the ids that were made so long ago at most: greater than any older one, by the clock of ids."""
    milliseconds = (uuid7().int >> 80) - int(age / timedelta(milliseconds=1))
    return UUID(int=milliseconds << 80)


_FIRST = (
    "overlay(lpad(to_hex((date_part('epoch', clock_timestamp()) * 4096000)::bigint), 15, '0')"
    " placing '7' from 13 for 0)"
    " || substr(gen_random_uuid()::text, 20, 9)"
)
SQL = f"((SELECT {_FIRST}) || lpad(to_hex(row_number() OVER ()), 8, '0'))::uuid"
"""A new UUIDv7 for each row that a SELECT puts out, on PostgreSQL 15 as well, which has no function for it.

Milliseconds, the version, the fraction of the millisecond in twelve bits, the variant and 30 random bits are made once
for a statement; the last 32 bits count its rows (RFC 9562, 6.2, method 1). A row costs a tenth of a random one.
"""

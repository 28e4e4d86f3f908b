"""Choices in the database."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Uuid, select, update
from sqlmodel import col

from services.care.consent.domain.choices import About, Choice, Choices, Means
from services.care.consent.tables import ConsentHistoryRow, ConsentRow, ConsentSheetRow
from services.care.messages.domain import Purpose
from shared.db import Connection
from shared.statement import (
    Reader,
    Scalar,
    Statement,
    any_given,
    by_column,
    given,
    insert_many,
    insert_one,
    table,
    upsert_many,
)

CHOICE = ("channel", "purpose", "granted", "at", "source", "by")
"""The columns of a choice, and of its history."""


def choice_in(
    channel: str, purpose: str, granted: bool, at: datetime, source: str, by: UUID | None
) -> tuple[About, Choice]:
    """What a row of CHOICE says."""
    return (Means(channel), Purpose(purpose)), Choice(granted, at, source, by)


def _choice_of(customer_id: UUID, **choice: Any) -> tuple[UUID, tuple[About, Choice]]:
    return customer_id, choice_in(**choice)


_VERSION = col(ConsentSheetRow.version)
_LOCK_SHEET = Scalar(
    insert_one(ConsentSheetRow, "customer_id")
    .values(version=0)
    .on_conflict_do_update(index_elements=["customer_id"], set_={"version": _VERSION})
    .returning(_VERSION),
    int,
)
_RAISE = Scalar(
    update(ConsentSheetRow)
    .values(version=_VERSION + 1)
    .where(col(ConsentSheetRow.customer_id) == given("customer_id"))
    .returning(_VERSION),
    int,
)
_OF = Statement(
    select(col(ConsentRow.customer_id), *(table(ConsentRow).c[name] for name in CHOICE)).where(
        col(ConsentRow.customer_id) == any_given("customers", Uuid)
    ),
    _choice_of,
)
_KEEP = Statement(upsert_many(ConsentRow, "customer_id", *CHOICE, key=["customer_id", "channel", "purpose"]))
_REMEMBER = Statement(insert_many(ConsentHistoryRow, "customer_id", *CHOICE))


async def lock_sheet(transaction: Connection, customer_id: UUID) -> int:
    """Locks the customer's sheet, made where there is none; returns its version, 0 for an empty one."""
    return await _LOCK_SHEET.only(transaction, customer_id=customer_id)


async def choices_of(reader: Reader, customers: Collection[UUID]) -> Mapping[UUID, Choices]:
    """The present choices; customers without any are not in it."""
    found: dict[UUID, dict[About, Choice]] = {}
    for customer_id, (about, choice) in await _OF.all(reader, customers=list(customers)):
        found.setdefault(customer_id, {})[about] = choice
    return found


async def keep(transaction: Connection, customer_id: UUID, choices: Choices) -> int:
    """Stores choices and their history; returns the sheet's new version."""
    rows = by_column(_row(customer_id, about, choice) for about, choice in choices.items())
    await _KEEP.execute(transaction, **rows)
    await _REMEMBER.execute(transaction, **rows)
    return await _RAISE.only(transaction, customer_id=customer_id)


def _row(customer_id: UUID, about: About, choice: Choice) -> dict[str, object]:
    means, purpose = about
    return {
        "customer_id": customer_id,
        "channel": means,
        "purpose": purpose,
        "granted": choice.granted,
        "at": choice.at,
        "source": choice.source,
        "by": choice.by,
    }

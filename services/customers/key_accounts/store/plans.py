"""Plans and risks of key accounts in the database; words are sealed on the way in and opened on the way out."""

from dataclasses import fields
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import orjson
from asyncpg import Record
from sqlalchemy import select
from sqlmodel import col

from services.customers.heads.store.visibility import visible
from services.customers.key_accounts.domain.plans import AccountRisk, PastAccountRisk, PastPlanItem, PlanItem
from services.customers.key_accounts.tables import (
    AccountRiskRow,
    AccountRiskVersionRow,
    PlanItemRow,
    PlanItemVersionRow,
)
from shared.db import Connection
from shared.personal import Vault
from shared.statement import Reader, Statement, given, insert_one, table, update_many

_WORDS: Final = ("text", "seen", "done")
"""What somebody wrote."""
_ITEM: Final = (*(each.name for each in fields(PlanItem) if each.name not in _WORDS), "words")
_RISK: Final = (*(each.name for each in fields(AccountRisk) if each.name not in _WORDS), "words")
PAST_ITEM: Final = tuple(each.name for each in fields(PastPlanItem))
PAST_RISK: Final = tuple(each.name for each in fields(PastAccountRisk))
ITEMS: Final = select(*(table(PlanItemRow).c[name] for name in _ITEM))
RISKS: Final = select(*(table(AccountRiskRow).c[name] for name in _RISK))
_ADD_ITEM: Final = Statement(insert_one(PlanItemRow, *_ITEM))
_SAVE_ITEM: Final = Statement(update_many(PlanItemRow, *_ITEM))
_KEEP_ITEM: Final = Statement(insert_one(PlanItemVersionRow, "item_id", *PAST_ITEM))
_READ_ITEM: Final = Statement(ITEMS.where(col(PlanItemRow.id) == given("id"), visible("account_plan_item.customer_id")))
_ADD_RISK: Final = Statement(insert_one(AccountRiskRow, *_RISK))
_SAVE_RISK: Final = Statement(update_many(AccountRiskRow, *_RISK))
_KEEP_RISK: Final = Statement(insert_one(AccountRiskVersionRow, "risk_id", *PAST_RISK))
_READ_RISK: Final = Statement(RISKS.where(col(AccountRiskRow.id) == given("id"), visible("account_risk.customer_id")))


def item_in(row: Record, vault: Vault) -> PlanItem:
    """What stands in a row of ITEMS."""
    return PlanItem(**_open(row, _ITEM), text=_said(row, vault).get("text"))


def risk_in(row: Record, vault: Vault) -> AccountRisk:
    """The risk in a row of RISKS."""
    said = _said(row, vault)
    return AccountRisk(**_open(row, _RISK), seen=said.get("seen"), done=said.get("done"))


async def item(reader: Reader, vault: Vault, id_: UUID, *, viewer: UUID | None) -> PlanItem | None:
    """Something in a plan that the viewer sees."""
    row = await _READ_ITEM.one(reader, id=id_, viewer=viewer)
    return None if row is None else item_in(row, vault)


async def risk(reader: Reader, vault: Vault, id_: UUID, *, viewer: UUID | None) -> AccountRisk | None:
    """A risk that the viewer sees."""
    row = await _READ_RISK.one(reader, id=id_, viewer=viewer)
    return None if row is None else risk_in(row, vault)


async def add_item(transaction: Connection, vault: Vault, new: PlanItem) -> None:
    """Adds to the plan of a held customer, and keeps how it began."""
    await _ADD_ITEM.execute(transaction, **_item(vault, new))
    await _keep_item(transaction, new, new.entered_at, new.entered_by)


async def save_item(transaction: Connection, vault: Vault, stands: PlanItem, *, at: datetime, by: UUID) -> None:
    """Writes what stands in the plan of a held customer, and keeps that it did."""
    await _SAVE_ITEM.execute(transaction, **{name: [value] for name, value in _item(vault, stands).items()})
    await _keep_item(transaction, stands, at, by)


async def add_risk(transaction: Connection, vault: Vault, new: AccountRisk) -> None:
    """Adds a risk of a held customer, and keeps how it began."""
    await _ADD_RISK.execute(transaction, **_risk(vault, new))
    await _keep_risk(transaction, new, new.entered_at, new.entered_by)


async def save_risk(transaction: Connection, vault: Vault, stands: AccountRisk, *, at: datetime, by: UUID) -> None:
    """Writes a risk of a held customer as it stands, and keeps that it did."""
    await _SAVE_RISK.execute(transaction, **{name: [value] for name, value in _risk(vault, stands).items()})
    await _keep_risk(transaction, stands, at, by)


async def _keep_item(transaction: Connection, stands: PlanItem, at: datetime, by: UUID) -> None:
    said = {name: getattr(stands, name) for name in PAST_ITEM if name not in ("at", "changed_by")}
    await _KEEP_ITEM.execute(transaction, item_id=stands.id, **said, at=at, changed_by=by)


async def _keep_risk(transaction: Connection, stands: AccountRisk, at: datetime, by: UUID) -> None:
    said = {name: getattr(stands, name) for name in PAST_RISK if name not in ("at", "changed_by")}
    await _KEEP_RISK.execute(transaction, risk_id=stands.id, **said, at=at, changed_by=by)


def _item(vault: Vault, stands: PlanItem) -> dict[str, Any]:
    return _row(stands, _ITEM) | {"words": vault.seal(orjson.dumps({"text": stands.text}), stands.id.bytes)}


def _risk(vault: Vault, stands: AccountRisk) -> dict[str, Any]:
    said = orjson.dumps({"seen": stands.seen, "done": stands.done})
    return _row(stands, _RISK) | {"words": vault.seal(said, stands.id.bytes)}


def _row(stands: PlanItem | AccountRisk, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: getattr(stands, name) for name in names if name != "words"}


def _open(row: Record, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: row[name] for name in names if name != "words"}


def _said(row: Record, vault: Vault) -> dict[str, Any]:
    if row["words"] is None:
        return {}
    said: dict[str, Any] = orjson.loads(vault.open(row["words"], row["id"].bytes))
    return said

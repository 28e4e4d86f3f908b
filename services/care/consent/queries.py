"""A customer's consents as people read them, and what an unsubscribe link is about."""

from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from services.care.accounts import queries as accounts
from services.care.accounts.domain import Account
from services.care.cases import store as cases
from services.care.consent import store
from services.care.consent.domain import tokens
from services.care.consent.domain.choices import NOTHING_SAID, About, Choice, Choices
from services.care.consent.tables import ConsentHistoryRow, ConsentSheetRow
from services.care.context import Context
from shared.db import Connection
from shared.personal import Vault
from shared.statement import Scalar, Statement, given, table

LONGEST_HISTORY = 200


@dataclass(frozen=True, slots=True)
class _Remembered:
    """A choice of the history with what is sealed of it."""

    about: About
    choice: Choice
    source: str
    sealed_source: bytes | None
    sealed_proof: bytes | None

    def opened(self, vault: Vault, customer_id: UUID) -> tuple[About, Choice]:
        source = store.source_in(vault, customer_id, self.sealed_source, self.source)
        return self.about, replace(
            self.choice, source=source, proof=store.proof_in(vault, customer_id, self.sealed_proof)
        )


def _remembered(sealed_source: bytes | None, sealed_proof: bytes | None, source: str, **choice: Any) -> _Remembered:
    about, said = store.choice_in(**choice)
    return _Remembered(about, said, source, sealed_source, sealed_proof)


_VERSION = Scalar(
    select(col(ConsentSheetRow.version)).where(col(ConsentSheetRow.customer_id) == given("customer_id")), int
)
_HISTORY = Statement(
    select(*(table(ConsentHistoryRow).c[name] for name in (*store.CHOICE, "sealed_source", "sealed_proof", "source")))
    .where(col(ConsentHistoryRow.customer_id) == given("customer_id"))
    .order_by(col(ConsentHistoryRow.id).desc())
    .limit(given("most")),
    _remembered,
)


@dataclass(frozen=True, slots=True)
class ConsentSheet:
    """A customer's choices, their last changes (the newest first), and why promotion is held (None: it is not).

    Version 0 means that nothing was ever said.
    """

    account: Account
    version: int
    choices: Choices
    history: list[tuple[About, Choice]]
    hold: str | None


async def read_sheet(context: Context, customer_id: UUID, *, viewer: UUID | None) -> ConsentSheet:
    """Raises CustomerNotFound for a customer who is not known or not the viewer's."""
    account = await accounts.read(context.database, customer_id, viewer=viewer)
    async with context.database.connection() as reader:
        return await sheet(context, reader, account)


async def sheet(context: Context, reader: Connection, account: Account) -> ConsentSheet:
    vault = context.vaults.consents
    remembered = await _HISTORY.all(reader, customer_id=account.id, most=LONGEST_HISTORY)
    return ConsentSheet(
        account,
        await _VERSION.one(reader, customer_id=account.id) or NOTHING_SAID,
        (await store.choices_of(reader, [account.id])).get(account.id, {}),
        [each.opened(vault, account.id) for each in remembered],
        (await cases.holds(reader, [account.id])).get(account.id),
    )


async def subscribed(context: Context, token: str) -> tuple[About, bool]:
    """What an unsubscribe link is about, and whether it is still to be withdrawn; raises TokenNotFound, LinkEnded."""
    customer_id, about = tokens.read(context.vaults.tokens.digest, token, context.today())
    choices = (await store.choices_of_kept(context.database, [customer_id]))[customer_id]
    return about, about not in choices or choices[about].granted

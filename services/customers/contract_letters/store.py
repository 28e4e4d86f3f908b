"""Joint letters in the database, sealed: they name people."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Text, Uuid, select
from sqlmodel import col

from services.customers.contract_letters.domain import LetterErased
from services.customers.contract_letters.tables import ContractLetterRow
from services.customers.contracts.tables import ContractRow
from shared.db import Connection
from shared.languages import Language
from shared.personal import Vault
from shared.statement import Reader, Statement, any_given, by_column, given, insert_many

_KEEP = Statement(insert_many(ContractLetterRow, "contract_id", "language", "sealed"))


@dataclass(frozen=True, slots=True)
class _Kept:
    sealed: bytes | None


_READ = Statement(
    select(col(ContractLetterRow.sealed)).where(
        col(ContractLetterRow.contract_id) == given("contract_id"),
        col(ContractLetterRow.language) == given("language", Text),
    ),
    _Kept,
)


@dataclass(frozen=True, slots=True)
class KeptLetter:
    """A letter as it went out, in one of its languages."""

    contract_id: UUID
    language: str
    document: bytes


_OF_CUSTOMERS = Statement(
    select(col(ContractLetterRow.contract_id), col(ContractLetterRow.language), col(ContractLetterRow.sealed))
    .join(ContractRow, col(ContractRow.id) == col(ContractLetterRow.contract_id))
    .where(col(ContractRow.customer_id) == any_given("ids", Uuid), col(ContractLetterRow.sealed).is_not(None))
    .order_by(col(ContractLetterRow.contract_id), col(ContractLetterRow.language))
)


async def keep(transaction: Connection, vault: Vault, contract_id: UUID, documents: Mapping[Language, bytes]) -> None:
    """Keeps a letter as it goes out, in each of its languages."""
    rows = [
        {
            "contract_id": contract_id,
            "language": language,
            "sealed": vault.seal(document, _place(contract_id, language)),
        }
        for language, document in documents.items()
    ]
    await _KEEP.execute(transaction, **by_column(rows))


async def kept(reader: Reader, vault: Vault, contract_id: UUID, language: Language) -> bytes | None:
    """A letter as it went out; None for one of which nothing was kept. Raises LetterErased."""
    found = await _READ.one(reader, contract_id=contract_id, language=language)
    if found is None:
        return None
    if found.sealed is None:
        raise LetterErased("the person to whom it went was erased")
    return vault.open(found.sealed, _place(contract_id, language))


async def of_customers(reader: Reader, vault: Vault, ids: Sequence[UUID]) -> list[KeptLetter]:
    """The letters to these customers of which something is kept."""
    return [
        KeptLetter(id_, language, vault.open(row["sealed"], _place(id_, language)))
        for row in await _OF_CUSTOMERS.all(reader, ids=ids)
        for id_, language in [(row["contract_id"], row["language"])]
    ]


def _place(contract_id: UUID, language: str) -> bytes:
    return contract_id.bytes + language.encode()

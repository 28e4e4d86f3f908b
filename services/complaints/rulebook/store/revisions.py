"""The revision of the rulebook: whoever changes a policy, a subject or a calendar counts it on."""

from sqlalchemy import select, update
from sqlmodel import col

from services.complaints.rulebook.tables import RulebookRow
from shared.db import Connection
from shared.statement import Reader, Scalar, Statement, table

_REVISION = Scalar(select(col(RulebookRow.revision)), int)
_COUNT_ON = Statement(update(table(RulebookRow)).values(revision=col(RulebookRow.revision) + 1))


async def revision(reader: Reader) -> int:
    return await _REVISION.only(reader)


async def next_revision(transaction: Connection) -> None:
    """Takes the rulebook's lock and makes every process read it anew before it records again."""
    await _COUNT_ON.execute(transaction)

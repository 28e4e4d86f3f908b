"""Letters as people read them."""

from dataclasses import fields
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from services.complaints.cases.queries import read_case
from services.complaints.cases.tables import ComplaintRow
from services.complaints.company.queries import complaint_line
from services.complaints.context import Context
from services.complaints.letters.domain.letters import FIRST_REPLY, TO_BE_READ, LetterDetails, LetterState
from services.complaints.letters.domain.texts import first_reply
from services.complaints.letters.store import DUE_AT
from services.complaints.letters.tables import LetterRow
from shared.statement import Statement, given, table

_OF_LETTER = [field.name for field in fields(LetterDetails) if field.name not in ("number", "kind", "due_at")]
_LIST = Statement(
    select(
        *(table(LetterRow).c[name] for name in _OF_LETTER),
        col(ComplaintRow.number),
        col(ComplaintRow.kind),
        DUE_AT,
    )
    .join_from(table(LetterRow), table(ComplaintRow), col(ComplaintRow.id) == col(LetterRow.complaint_id))
    .where(col(LetterRow.complaint_id) == given("case_id"))
    .order_by(col(LetterRow.id)),
    LetterDetails,
)


async def list_letters(
    context: Context, case_id: UUID, *, viewer: UUID | None
) -> list[tuple[LetterDetails, str | None]]:
    """The letters of a case, each with the script where it is one to be read.

    Raises ComplaintNotFound where the case is not the viewer's to see.
    """
    await read_case(context, case_id, viewer=viewer)
    found = await _LIST.all(context.database, case_id=case_id)
    line = await complaint_line(context)
    return [(letter, _script(context, letter, line)) for letter in found]


def _script(context: Context, letter: LetterDetails, line: str) -> str | None:
    if not letter.occasion.startswith(FIRST_REPLY) or letter.state not in (*TO_BE_READ, LetterState.READ):
        return None
    due = (letter.due_at, letter.read_at or context.clock.now(), context.zone)
    return first_reply(letter.language or "", letter.kind, letter.number, due, line, None).body

"""What is kept beside a case: the pauses and breaches of its rounds, and the rounds that have ended."""

from collections.abc import Iterable, Sequence
from dataclasses import fields
from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, func, insert, select, update
from sqlmodel import col

from services.complaints.cases.domain import BreachNotice, Case
from services.complaints.cases.tables import BreachRow, ComplaintRow, PauseRow, RoundRow
from services.complaints.response_clocks.domain.clock import Pause
from shared.db import Connection
from shared.statement import (
    Reader,
    Scalar,
    Statement,
    by_column,
    given,
    insert_many,
    rows_given,
    table,
    update_many,
    upsert_many,
)

_OF_A_PAUSE = ("complaint_id", "round", "started_at")
_STANDING = [each.name for each in table(RoundRow).c if each.name not in ("complaint_id", "reopened_at")]
"""What of a case stands in a round by the same name."""

_NOTICE = [field.name for field in fields(BreachNotice)]
_KEEP_NOTICES = Statement(insert_many(BreachRow, *_NOTICE).on_conflict_do_nothing())
_TOLD_LAST = Scalar(
    select(func.max(col(BreachRow.at))).where(
        col(BreachRow.complaint_id) == given("case_id"), col(BreachRow.round) == given("round")
    ),
    datetime,
)
_ROUNDS = rows_given(BreachRow, "complaint_id", "round")
_TOLD = Statement(
    select(col(BreachRow.complaint_id), col(BreachRow.staff_id))
    .join(_ROUNDS, and_(_ROUNDS.c.complaint_id == col(BreachRow.complaint_id), _ROUNDS.c.round == col(BreachRow.round)))
    .where(col(BreachRow.staff_id).is_not(None))
)
_NAME = Statement(
    update(table(BreachRow))
    .values(accountable_id=given("accountable_id"))
    .where(
        col(BreachRow.complaint_id) == given("case_id"),
        col(BreachRow.round) == given("round"),
        col(BreachRow.accountable_id).is_(None),
    )
)
_KEEP_PAUSE = Statement(upsert_many(PauseRow, *table(PauseRow).c.keys(), key=_OF_A_PAUSE))
_END_PAUSES = Statement(update_many(PauseRow, *_OF_A_PAUSE, "ended_at", key=_OF_A_PAUSE))
_PAUSES = Statement(
    select(*(table(PauseRow).c[name] for name in ("round", "started_at", "until", "ended_at")))
    .where(col(PauseRow.complaint_id) == given("complaint_id"))
    .order_by(col(PauseRow.round), col(PauseRow.started_at))
)
_KEEP_ROUND = Statement(
    insert(table(RoundRow)).from_select(
        ["complaint_id", *_STANDING, "reopened_at"],
        select(
            col(ComplaintRow.id),
            *(table(ComplaintRow).c[name] for name in _STANDING),
            given("reopened_at", table(RoundRow).c.reopened_at.type),
        ).where(col(ComplaintRow.id) == given("id")),
    )
)


async def keep_breach_notices(transaction: Connection, notices: Sequence[BreachNotice]) -> None:
    """Keeps who was told; what is kept already stays as it is."""
    if notices:
        rows = ({name: getattr(notice, name) for name in _NOTICE} for notice in notices)
        await _KEEP_NOTICES.execute(transaction, **by_column(rows))


async def told_in(transaction: Connection, cases: Sequence[Case]) -> dict[UUID, set[UUID]]:
    """Who has been told of these cases' misses in their present rounds, by case."""
    told: dict[UUID, set[UUID]] = {case.id: set() for case in cases}
    if cases:
        given_of = {"complaint_id": list(told), "round": [case.round for case in cases]}
        for case_id, staff_id in await _TOLD.all(transaction, **given_of):
            told[case_id].add(staff_id)
    return told


async def told_last(transaction: Connection, case: Case) -> datetime | None:
    """The moment of the last level of a case's present round; None where none was told, or before it was kept."""
    return await _TOLD_LAST.one(transaction, case_id=case.id, round=case.round)


async def name_accountable(transaction: Connection, case: Case) -> None:
    """Writes into the misses of the present round who is accountable, where nobody was when they were recorded."""
    await _NAME.execute(transaction, case_id=case.id, round=case.round, accountable_id=case.accountable_id)


async def keep_pause(transaction: Connection, case: Case, pause: Pause, entry_id: UUID) -> None:
    """Writes a pause that begins; the entry of the history says why."""
    row = {**_pause_row(case, pause), "until": pause.until, "entry_id": entry_id}
    await _KEEP_PAUSE.execute(transaction, **by_column([row]))


async def end_pauses(transaction: Connection, cases: Iterable[Case]) -> None:
    """Writes the ends of these cases' pauses: of the last, and of one before it whose end nobody noticed."""
    rows = [_pause_row(case, pause) for case in cases for pause in case.clock.pauses if pause.ended_at is not None]
    if rows:
        await _END_PAUSES.execute(transaction, **by_column(rows))


async def pauses_of(reader: Reader, complaint_id: UUID) -> dict[int, list[Pause]]:
    """The pauses of a case's rounds, in their order."""
    found: dict[int, list[Pause]] = {}
    for row in await _PAUSES.all(reader, complaint_id=complaint_id):
        found.setdefault(row["round"], []).append(Pause(row["started_at"], row["until"], row["ended_at"]))
    return found


def _pause_row(case: Case, pause: Pause) -> dict[str, object]:
    return {
        "complaint_id": case.id,
        "round": case.round,
        "started_at": pause.started_at,
        "ended_at": pause.ended_at,
    }


async def keep_round(transaction: Connection, id_: UUID, reopened_at: datetime) -> None:
    """Keeps the round that ends as it stands in the locked case."""
    await _KEEP_ROUND.execute(transaction, id=id_, reopened_at=reopened_at)

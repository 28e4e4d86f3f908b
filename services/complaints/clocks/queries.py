"""Reading the clocks of a case: every round's, that of the answer among them, as time has made them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from services.complaints.cases.domain import Case, ComplaintNotFound
from services.complaints.cases.queries import read_case
from services.complaints.cases.store import holding, rounds
from services.complaints.cases.tables import BreachRow, RoundRow
from services.complaints.clocks import store
from services.complaints.clocks.domain import STEP_CLOCKS, CaseClock, answer_clock
from services.complaints.context import Context
from services.complaints.response_clocks.domain.clock import Pause
from services.complaints.rulebook.store import calendars
from shared.contracts.complaints import ClockKind
from shared.db import Connection
from shared.statement import Statement, given, table

_ORDER: Final[tuple[ClockKind, ...]] = ("accept", "answer", *STEP_CLOCKS, "resolve")
_NOTICED = Statement(
    select(col(BreachRow.round), col(BreachRow.noticed_at)).where(
        col(BreachRow.complaint_id) == given("id"), col(BreachRow.level) == 1
    )
)
_EARLIER = Statement(
    select(
        *(
            table(RoundRow).c[name]
            for name in (
                "round", "policy_version", "calendar_version", "started_at", "answer_seconds", "stopped_at",
                "breached_at",
            )
        )
    )
    .where(col(RoundRow.complaint_id) == given("id"), col(RoundRow.round) < given("present"))
    .order_by(col(RoundRow.round))
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class ReadClock:
    """A clock as it stands at a moment; `missed_at` is the moment itself, `noticed_at` when a timer or stop saw it."""

    round: int
    kind: ClockKind
    allowed: timedelta | None
    started_at: datetime | None
    due_at: datetime | None
    paused: bool
    stopped_at: datetime | None
    missed_at: datetime | None
    noticed_at: datetime | None
    policy_version: int | None
    calendar: str | None
    calendar_version: int | None
    pauses: tuple[Pause, ...]

    @classmethod
    def of(cls, clock: CaseClock, now: datetime) -> "ReadClock":
        present = clock.as_of(now)
        return cls(
            round=present.round,
            kind=present.kind,
            allowed=present.allowed,
            started_at=present.started_at,
            due_at=present.due_at,
            paused=present.paused,
            stopped_at=present.stopped_at,
            missed_at=present.missed_at(now),
            noticed_at=present.noticed_at,
            policy_version=present.policy_version,
            calendar=present.calendar.name if present.calendar is not None else None,
            calendar_version=present.calendar.version if present.calendar is not None else None,
            pauses=present.pauses,
        )


async def list_clocks(context: Context, id_: UUID, *, viewer: UUID | None) -> list[ReadClock]:
    """Every clock of a case by round. Raises ComplaintNotFound where the case is not the viewer's to see."""
    await read_case(context, id_, viewer=viewer)
    now = context.clock.now()
    async with context.database.connection() as reader:
        case = await holding.find(reader, id_)
        if case is None:
            raise ComplaintNotFound("no complaint has this id")
        pauses = await rounds.pauses_of(reader, id_)
        clocks = [*await _of_answers(reader, case), *await store.of_case(reader, id_)]
    paused = (clock.within(pauses.get(clock.round, ())) for clock in clocks)
    return sorted(
        (ReadClock.of(clock, now) for clock in paused), key=lambda each: (each.round, _ORDER.index(each.kind))
    )


async def _of_answers(reader: Connection, case: Case) -> Iterable[CaseClock]:
    """The clocks of the answers, of each round: the present one stands in the case, ended ones beside it."""
    noticed = {row["round"]: row["noticed_at"] for row in await _NOTICED.all(reader, id=case.id)}
    earlier = await _EARLIER.all(reader, id=case.id, present=case.round) if case.round > 1 else []
    known = await calendars.by_version(reader, (row["calendar_version"] for row in earlier))
    return [
        *(
            CaseClock(
                "answer",
                row["round"],
                timedelta(seconds=row["answer_seconds"]),
                row["policy_version"],
                known.get(row["calendar_version"]),
                row["started_at"],
                row["stopped_at"],
                row["breached_at"],
                noticed.get(row["round"]),
            )
            for row in earlier
        ),
        answer_clock(case)._replace(noticed_at=noticed.get(case.round)),
    ]

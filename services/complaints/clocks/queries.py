"""Reading the clocks of a case: every round's, that of the answer among them, as time has made them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, NamedTuple
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from services.complaints.cases.domain import Case, ComplaintNotFound
from services.complaints.cases.queries import read_case
from services.complaints.cases.store import holding, rounds
from services.complaints.cases.tables import BreachRow, RoundRow
from services.complaints.clocks import store
from services.complaints.clocks.domain.clock import CaseClock
from services.complaints.clocks.domain.recalculating import answer_clock
from services.complaints.clocks.domain.rounds import STEP_CLOCKS
from services.complaints.context import Context
from services.complaints.response_clocks.domain.clock import Pause
from services.complaints.rulebook.domain.levels import MISS_ALONE, Levels
from services.complaints.rulebook.store import calendars
from services.complaints.rulebook.store import levels as kept_levels
from services.complaints.rulebook.store.policies import levels_of
from shared.contracts.complaints import ClockKind
from shared.db import Connection
from shared.statement import Statement, given, table

_ORDER: Final[tuple[ClockKind, ...]] = ("accept", "answer", *STEP_CLOCKS, "resolve")
_TOLD = Statement(
    select(*(table(BreachRow).c[name] for name in ("round", "level", "staff_id", "due_at", "noticed_at", "at")))
    .where(col(BreachRow.complaint_id) == given("id"))
    .order_by(col(BreachRow.round), col(BreachRow.level))
)
_EARLIER = Statement(
    select(
        *(
            table(RoundRow).c[name]
            for name in (
                "round", "policy_version", "calendar_version", "started_at", "answer_seconds", "stopped_at",
                "breached_at",
            )
        ),
        levels_of(table(RoundRow).c.policy_version),
    )
    .where(col(RoundRow.complaint_id) == given("id"), col(RoundRow.round) < given("present"))
    .order_by(col(RoundRow.round))
)  # fmt: skip


class ReadTold(NamedTuple):
    """Who heard of a clock, and when, as `Told` says it; `at` None where an older release told."""

    at: datetime | None
    noticed_at: datetime
    staff_id: UUID | None
    percent: int | None
    level: int | None


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
    levels: Levels | None
    """None: its miss is told once."""
    told: tuple[ReadTold, ...]

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
            levels=None if present.levels == MISS_ALONE else present.levels,
            told=tuple(ReadTold(*each) for each in present.told),
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
        told = await _told_of_answers(reader, id_)
    paused = (clock.within(pauses.get(clock.round, ())) for clock in clocks)
    read = (ReadClock.of(clock, now) for clock in paused)
    whole = (_with(clock, told.get(clock.round, ())) if clock.kind == "answer" else clock for clock in read)
    return sorted(whole, key=lambda each: (each.round, _ORDER.index(each.kind)))


async def _told_of_answers(reader: Connection, id_: UUID) -> dict[int, list[ReadTold]]:
    """Who was told that the answer is late, by round; the miss itself is the first level."""
    told: dict[int, list[ReadTold]] = {}
    for row in await _TOLD.all(reader, id=id_):
        at = row["at"] or (row["due_at"] if row["level"] == 1 else None)
        heard = ReadTold(at, row["noticed_at"], row["staff_id"], None, row["level"])
        told.setdefault(row["round"], []).append(heard)
    return told


def _with(clock: ReadClock, told: Sequence[ReadTold]) -> ReadClock:
    noticed = next((each.noticed_at for each in told if each.level == 1), None)
    return replace(clock, noticed_at=noticed, told=tuple(told))


async def _of_answers(reader: Connection, case: Case) -> Iterable[CaseClock]:
    """The clocks of the answers, of each round: the present one stands in the case, ended ones beside it."""
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
                levels=kept_levels.read(row["levels"]),
            )
            for row in earlier
        ),
        answer_clock(case),
    ]

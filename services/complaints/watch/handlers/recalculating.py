"""Giving the clocks of a case what the policies say now: an explicit, audited command, and the only way to do it."""

from dataclasses import dataclass
from uuid import UUID

from services.complaints.cases.domain import Case, Said
from services.complaints.cases.store.holding import lock
from services.complaints.clocks import handlers as clocks
from services.complaints.clocks.domain.clock import CaseClock
from services.complaints.clocks.domain.recalculating import Recalculated, with_answer_clock
from services.complaints.clocks.events import recalculated_fact
from services.complaints.context import Context
from services.complaints.history import handlers as history
from services.complaints.history.domain import Scalar, changed
from services.complaints.history.handlers import Movement
from services.complaints.response_clocks.domain.advancing import ClockNotRunning, settle
from shared import audit


@dataclass(frozen=True, slots=True)
class Recalculation:
    """What a recalculation changed, or would change, and the case as it stands."""

    case: Case
    clocks: list[Recalculated]


class _OnlyShown(Exception):
    """A dry run: what would be is known, and nothing of it is kept."""

    def __init__(self, found: Recalculation) -> None:
        super().__init__()
        self.found = found


async def recalculate(context: Context, id_: UUID, reason: str, by: UUID, *, dry_run: bool) -> Recalculation:
    """Gives each clock of the present round that still runs what the policies and calendars say now of its beginning.

    What has ended, or would have ended already, stays as it is; no clock begins by this, but those that recording has
    begun and nobody has written down yet. A dry run changes nothing. Raises ComplaintNotFound, ClockNotRunning.
    """
    try:
        return await _recalculate(context, id_, reason, by, dry_run=dry_run)
    except _OnlyShown as shown:
        return shown.found


async def _recalculate(context: Context, id_: UUID, reason: str, by: UUID, *, dry_run: bool) -> Recalculation:
    async with context.database.transaction() as transaction:
        now = context.clock.now()
        case = await lock(transaction, id_)
        clock, ended = settle(case.clock, now)
        if clock.paused:
            raise ClockNotRunning("the case is paused; let it run first")
        case = case._replace(clock=clock)
        found = await clocks.recalculate(transaction, case, now)
        if dry_run:
            raise _OnlyShown(Recalculation(case, found))
        if not found:
            return Recalculation(case, found)
        await clocks.keep_recalculated(transaction, case, found)
        after = next((with_answer_clock(case, each.after, now) for each in found if each.after.kind == "answer"), case)
        moment = max(now, case.moved_at)
        await audit.enter(transaction, by, "complaint.clocks_recalculated", id_)
        facts = [recalculated_fact(after, each.after, moment) for each in found]
        said = Said(reason, None, by)
        movement = Movement(after, "recalculated", said, moment, facts, ended, changes=_changes(found))
        return Recalculation(await history.keep(transaction, context, movement), found)


def _changes(found: list[Recalculated]) -> dict[str, dict[str, Scalar]]:
    """Which clock was allowed how many seconds, by which policy and version of a calendar, and is allowed now."""
    fields: dict[str, tuple[object, object]] = {}
    for before, after in found:
        fields[f"{after.kind}_seconds"] = _seconds(before), _seconds(after)
        fields[f"{after.kind}_policy_version"] = before.policy_version, after.policy_version
        fields[f"{after.kind}_calendar_version"] = _calendar_version(before), _calendar_version(after)
    return changed(**fields)


def _seconds(clock: CaseClock) -> int | None:
    return int(clock.allowed.total_seconds()) if clock.allowed is not None else None


def _calendar_version(clock: CaseClock) -> int | None:
    return clock.calendar.version if clock.calendar is not None else None

"""Doing what is due of held cases before somebody changes who is told of it (decision 17)."""

from collections.abc import Sequence
from datetime import datetime

from services.complaints.cases.domain import Case
from services.complaints.response_clocks.domain.clock import next_moment
from services.complaints.watch.handlers.advancing import advance
from services.complaints.watch.handlers.noticing import notice
from shared.db import Connection


async def catch_up(transaction: Connection, case: Case, now: datetime) -> Case:
    """Does everything that every clock of a locked case has to say by `now`, in the line of before."""
    [caught] = await catch_up_each(transaction, [case], now)
    return caught


async def catch_up_each(transaction: Connection, cases: Sequence[Case], now: datetime) -> list[Case]:
    """The same for many; each miss and each level has its own moment, however late this is."""
    present = {case.id: case for case in cases}
    while due := [case for case in present.values() if _is_due(case, now)]:
        present.update((case.id, case) for case in await advance(transaction, due, now))
    return await notice(transaction, [present[case.id] for case in cases], now) if cases else []


def _is_due(case: Case, now: datetime) -> bool:
    moment = next_moment(case.clock)
    return moment is not None and moment <= now

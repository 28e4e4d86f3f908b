"""Chapter 6: two months of daily work, so that the network has a past, and touches that are due today and this week.

A touch that is owed every two months and was done on the first day is due again on the last one, one of the second day
a day later. So the first days share the work evenly, and afterwards people do what would be missed before the next
step; a few forget.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random

from deploy.demo.backend import Backend, Json, wait_until
from deploy.demo.building import ZONE, Built, close_month, purchases_file, run_import
from deploy.demo.plan import Bought
from deploy.demo.stage import Stage
from deploy.demo.traffic import SUBJECTS, answer, complain, cycle_of, moment, serve, welcome_tasks
from shared.months import Month

MORNING = time(10)
FIRST_DAYS = 8
STRIDE = timedelta(days=4)
FORGET_ONE_OF = 12
"""Of so many touches one is forgotten: counted and not drawn, so that every month has its misses."""


@dataclass
class Work:
    """What was done in the two months."""

    served: int = 0
    ordered: int = 0
    complained: int = 0


def tell_weeks(backend: Backend, stage: Stage, built: Built) -> None:
    """Goes on day by day until the touches of the first day are due again."""
    stage.chapter("6 · Two months of daily work")
    days = list(_days(_first_day(backend.now())))
    stage.say(
        f"Until {days[-1]} colleagues visit and call, stores order and complain, and months are closed. "
        "Not everybody remembers everything."
    )
    work, random = Work(), Random(f"weeks {built.plan.run}")
    turns = cycle_of(random, built.stores[2:])
    shares = _Shares()
    for place, day in enumerate(stage.track("days", iter(days), len(days))):
        before, now = backend.now(), _forward_to(backend, day)
        work.ordered += _order(backend, built.plan.ahead, before, now)
        _close(backend, before, now)
        following = days[place + 1] if day != days[-1] else None
        work.served += serve(backend, shares.of_day(welcome_tasks(backend, now), place, following))
        _complain(backend, next(turns), SUBJECTS[place % len(SUBJECTS)])
        work.complained += 1
    _show(backend, stage, work)


def _first_day(now: datetime) -> date:
    """The first whose morning is still to come."""
    local = now.astimezone(ZONE)
    return local.date() + timedelta(days=local.time() >= MORNING)


def _days(first: date) -> Iterator[date]:
    """The first ones, then some, then the one that lies two months after the first."""
    ahead = Month(first.year, first.month).plus(2)
    last = min(ahead.first_day + timedelta(days=first.day - 1), ahead.plus(1).first_day - timedelta(days=1))
    day = first
    while day < last:
        yield day
        day += timedelta(days=1) if (day - first).days < FIRST_DAYS else STRIDE
    yield last


def _forward_to(backend: Backend, day: date) -> datetime:
    left = datetime.combine(day, MORNING, ZONE) - backend.now()
    return backend.forward(f"PT{max(1, round(left.total_seconds()))}S")


def _order(backend: Backend, ahead: Sequence[Bought], before: datetime, now: datetime) -> int:
    """The orders since the last step, as the merchandise system's file."""
    bought = [one for one in ahead if before <= one.at < now]
    if bought:
        run_import(backend, purchases_file(bought), lambda _: None)
    return len(bought)


def _close(backend: Backend, before: datetime, now: datetime) -> None:
    """The month that has ended since the last step."""
    if Month.of(before, ZONE) < Month.of(now, ZONE):
        close_month(backend, Month.of(before, ZONE))


def _complain(backend: Backend, store: Json, subject: str) -> None:
    """A complaint that is answered within two hours, and resolved."""
    case = complain(backend, store, subject)
    backend.forward("PT1H40M")
    answer(backend, case.id)
    backend.post(f"/complaints/v1/complaints/{case.id}/resolve", {"text": "门店确认已收到，问题解决。"})


class _Shares:
    """Who does what on which day."""

    def __init__(self) -> None:
        self._forgotten: dict[str, bool] = {}

    def of_day(self, welcome: Iterable[Json], place: int, following: date | None) -> list[Json]:
        """The tasks to be done on the `place`-th day; nothing of what is due after the last one."""
        if place < FIRST_DAYS:
            return list(self._share(welcome, place))
        if following is None:
            return []
        until = datetime.combine(following, MORNING, ZONE)
        return [task for task in welcome if moment(task["due_at"]) <= until and not self._is_forgotten(task)]

    def _share(self, welcome: Iterable[Json], place: int) -> Iterator[Json]:
        """Of each person's tasks an equal part a day, those with the longest time first."""
        by_person: dict[str, list[Json]] = defaultdict(list)
        for task in welcome:
            by_person[task["assignee_id"]].append(task)
        for tasks in by_person.values():
            tasks.sort(key=lambda task: task["due_at"], reverse=True)
            yield from tasks[: -(-len(tasks) // (FIRST_DAYS - place))]

    def _is_forgotten(self, task: Json) -> bool:
        return self._forgotten.setdefault(task["id"], len(self._forgotten) % FORGET_ONE_OF == 0)


def _show(backend: Backend, stage: Stage, work: Work) -> None:
    month = str(Month.of(backend.now(), ZONE).plus(-1))

    def reported() -> Json | None:
        total: Json = backend.get("/reporting/v1/service", month=month)["total"]
        return total if total["met"] and total["missed"] else None

    total = wait_until(f"touches met and missed in the service report of {month}", reported).value
    stage.saw("customers", f"{work.ordered:,} orders came in")
    stage.saw("complaints", f"{work.complained} complaints answered in time and resolved")
    stage.saw("care", f"{work.served:,} visits and calls done")
    stage.saw("reporting", f"of {month}: {total['met']} met, {total['missed']} missed")

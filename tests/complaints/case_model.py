"""What a case may and may not, told a second time: from the domain's pages, in the plainest words, knowing no code.

`tests/complaints/test_case_machine.py` compares every answer of the service with it.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

STEPS: Final = ("investigate", "propose", "execute", "inspect", "settle", "reply")
MOVES: Final = {
    "open": {"answered", "resolved"},
    "answered": {"resolved", "open"},
    "resolved": {"closed", "open"},
    "closed": {"open"},
}
"""Decision 14; whatever becomes open again begins a round."""

SERVICE: Final = {"specialist", "supervisor", "cs_manager", "administration", "admin"}
ROLES: Final = {
    "specialist": "cs_specialist",
    "supervisor": "cs_specialist",
    "cs_manager": "cs_manager",
    "salesperson": "salesperson",
    "administration": "admin_dept",
    "general": "general_manager",
    "admin": "admin",
}
"""Who acts, each with their role; the supervisor is the specialist's, all but the last are of one department."""
ANSWER: Final = timedelta(hours=4)
ACCEPT: Final = timedelta(minutes=30)
INVESTIGATE: Final = timedelta(hours=1)
RESOLVE: Final = timedelta(hours=10)


@dataclass(slots=True)
class Pause:
    start: datetime
    until: datetime
    end: datetime | None = None

    def ended(self, now: datetime) -> datetime | None:
        """Its end as of now; None while it lasts."""
        return self.end or (self.until if self.until <= now else None)


@dataclass(slots=True)
class Gift:
    """A compensation: who asked, whether it still waits for a word."""

    id: str
    asked_by: str
    waits: bool
    small: bool
    stands: bool = True
    granted_by: str | None = None

    def may_go(self, who: str) -> bool:
        """Taken back by who gave it or by their seniors."""
        return self.stands and who in (
            self.asked_by,
            self.granted_by,
            "cs_manager",
            "administration",
            "general",
            "admin",
        )


@dataclass(slots=True, eq=False)
class ModelCase:
    """A case, as its story says it must be."""

    id: str
    number: str
    recorder: str
    recorded: datetime
    handler: str | None
    accountable: str | None
    accepted: datetime | None
    started: datetime
    taken_over: bool = False
    state: str = "open"
    round: int = 1
    subject: str = "product"
    pauses: list[Pause] = field(default_factory=list)
    stopped: datetime | None = None
    done: list[str] = field(default_factory=list)
    solution: str | None = None
    author: str | None = None
    owner: str | None = None
    involved: set[str] = field(default_factory=set)
    scored: bool = False
    notice: str | None = None
    acknowledged: bool = False
    parent: "ModelCase | None" = None
    gifts: list[Gift] = field(default_factory=list)
    recorded_against: str | None = None

    @property
    def accused(self) -> set[str]:
        """Whom the case is against: they do not handle it (domain 3.2)."""
        return {each for each in (self.accountable, self.recorded_against) if each is not None}

    def paused(self, now: datetime) -> bool:
        return self.stopped is None and bool(self.pauses) and self.pauses[-1].ended(now) is None

    def due(self, allowed: timedelta, now: datetime) -> datetime | None:
        """When what began with the round is missed; None while the round's clock stands and it is not missed yet."""
        due = self.started + allowed
        for pause in self.pauses:
            if pause.start < due:
                end = pause.ended(now)
                if end is None:
                    return None
                due += end - pause.start
        return due

    @property
    def past(self) -> bool:
        """Whether this round began before the house knew of it: nobody is told anything then (decision 15)."""
        return self.taken_over and self.round == 1

    def late(self, now: datetime) -> bool:
        due = self.due(ANSWER, now)
        return due is not None and (self.stopped or now) >= due

    def ancestors(self) -> list["ModelCase"]:
        return [] if self.parent is None else [self.parent, *self.parent.ancestors()]

    def seen_by(self, who: str) -> bool:
        """Customer service, administration and the general manager see every case, others what concerns them."""
        return who in SERVICE | {"general"} or who in (self.recorder, self.handler, self.accountable)

    def doers(self, step: str) -> set[str | None]:
        """Who may do a step (domain 3.2, the table as it comes)."""
        service: set[str | None] = {"specialist", "supervisor", "cs_manager"}
        leads = "supervisor" if self.accountable == "specialist" else None
        able: dict[str, Collection[str | None]] = {
            "investigate": service | {self.handler},
            "propose": service | {self.handler, self.accountable},
            "execute": {self.handler, self.accountable, leads},
            "inspect": {"administration"}.difference(self.involved, {self.handler, self.accountable}),
            "settle": {"administration"},
            "reply": {"administration"} if self.accountable is None else set(ROLES) - self.accused_in_person(),
        }
        return {*able[step], "admin"}

    def accused_in_person(self) -> set[str]:
        """Who does not reply in the company's name: whom a case is against that was recorded against a person."""
        return {self.accountable} if self.accountable is not None and self.recorded_against is not None else set()

    def may_score(self, who: str) -> bool:
        """Administration takes down what is said of others; who enters what others did has no part in it."""
        return who == "admin" or (
            who == "administration" and who not in self.involved | {self.handler, self.accountable}
        )

    def may_step(self, who: str, step: str) -> bool:
        if self.state == "closed" or step not in STEPS or step in self.done:
            return False
        in_order = all(earlier in self.done for earlier in STEPS[: STEPS.index(step)])
        approved = step != "execute" or self.solution != "awaits"
        return in_order and approved and self.seen_by(who) and who in self.doers(step)

    def may_close(self, who: str, children: list["ModelCase"]) -> bool:
        whole = self.taken_over or all(step in self.done for step in STEPS)
        free = all(child.state == "closed" for child in children)
        decided = self.solution != "awaits" and not self.awaits_a_gift()
        return who in SERVICE - self.accused and self.state == "resolved" and whole and free and decided

    def awaits_a_gift(self) -> bool:
        return any(gift.waits for gift in self.gifts)

    def may_reopen(self, who: str) -> bool:
        below_closed = self.parent is not None and self.parent.state == "closed"
        return who in SERVICE and self.state != "open" and not below_closed

    def may_decide_solution(self, who: str) -> bool:
        named = who in ("cs_manager", "general", "admin") or (who == "supervisor" and self.owner == "specialist")
        undecided = self.state != "closed" and self.solution == "awaits"
        return undecided and named and who not in (self.author, self.owner)

    def may_ask(self, who: str) -> bool:
        """Everybody here but a colleague without a part in the case."""
        has_part = who != "salesperson" or who in (self.handler, self.accountable)
        return self.state != "closed" and self.seen_by(who) and has_part

    def stop(self, now: datetime) -> None:
        if self.stopped is None:
            if self.paused(now):
                self.pauses[-1].end = now
            self.stopped = now

    def reopen(self, now: datetime) -> None:
        self.state, self.round, self.started = "open", self.round + 1, now
        self.pauses, self.done, self.stopped, self.solution, self.scored = [], [], None, None, False
        self.author = self.owner = None

    def take(self, now: datetime) -> None:
        """Whoever works on what nobody has taken has taken it; of a takeover nobody knows unless it is said."""
        if not self.taken_over:
            self.accepted = self.accepted or now

    def hand_to(self, who: str | None) -> None:
        if who != self.handler and self.handler is not None:
            self.involved.add(self.handler)
        self.handler = who

    def answer(self, who: str, state: str, now: datetime) -> None:
        """Answered or resolved: the clock stops."""
        self.take(now)
        self.stop(now)
        self.state = state
        if state == "answered":
            self.involved.add(who)

    def step(self, who: str, step: str, now: datetime) -> None:
        """Records what the step changes."""
        if who != self.accountable:
            self.take(now)
        self.done.append(step)
        if step == "investigate":
            self.involved |= {who, self.handler or who}
        if step in ("propose", "execute"):
            self.involved |= {who, self.accountable or self.handler or who}
        if step == "propose":
            self.solution, self.author, self.owner = "awaits", who, self.accountable or self.handler or who

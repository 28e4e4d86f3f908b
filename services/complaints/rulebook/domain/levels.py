"""Who hears of a clock, and when (domain 3.3, decisions 16 and 17): levels before and after the due moment.

A clock keeps the levels of the policy that fixed it when its round began.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise
from typing import ClassVar, Final, Literal, TypeAlias, get_args

from shared.contracts.complaints import ClockKind
from shared.errors import Invalid

Recipient: TypeAlias = Literal["concerned", "supervisor", "department_manager", "cs_manager", "general_manager"]
"""Whom the clock concerns (for the answer's the handler, from the notice on the accountable person), and who stands
above them."""
RECIPIENTS: Final[tuple[Recipient, ...]] = get_args(Recipient)
"""In the order of the chain: the first is level 1."""
MOST_BEFORE: Final = 10
LATEST: Final = timedelta(days=90)
"""After a miss nobody is told later than that."""
_AT_ONCE: Final = timedelta()
_SECOND: Final = timedelta(seconds=1)


class LevelsRefused(Invalid):
    slug = "levels-refused"
    title = "These levels cannot be"


def number_of(recipient: Recipient) -> int:
    """1 to 5, as the chain of escalation counts them."""
    return RECIPIENTS.index(recipient) + 1


@dataclass(frozen=True, slots=True)
class LevelBefore:
    """When so many per cent of the time it may take have passed, this person is warned; if there is nobody, the next
    above."""

    percent: int
    recipient: Recipient = "concerned"
    action: ClassVar[Literal["warn"]] = "warn"


@dataclass(frozen=True, slots=True)
class LevelAfter:
    """So long after the miss, as the clock counts time, it is told to this person. Who is skipped uses up no time."""

    delay: timedelta
    recipient: Recipient
    action: ClassVar[Literal["escalate"]] = "escalate"


@dataclass(frozen=True, slots=True)
class Levels:
    """The levels of a clock, each list in the order of time."""

    before: tuple[LevelBefore, ...]
    after: tuple[LevelAfter, ...]

    def asks(self, level: int) -> bool:
        """Whether who stands at this level of the chain is told of a miss at all."""
        return any(number_of(each.recipient) == level for each in self.after)

    def wait(self, level: int) -> timedelta:
        """What lies between a level that is told and the one before it."""
        for earlier, later in pairwise(self.after):
            if number_of(later.recipient) == level:
                return later.delay - earlier.delay
        return _AT_ONCE

    def check(self) -> None:
        """Raises LevelsRefused with what is wrong and where."""
        _check_before(self.before)
        _check_after(self.after)


USUAL: Final = Levels(
    before=(LevelBefore(50), LevelBefore(75)),
    after=tuple(LevelAfter(timedelta(hours=hours), each) for hours, each in enumerate(RECIPIENTS)),
)
"""Of the answer's clock: warnings at half and three quarters, then one level an hour (domain 3.3), where no policy says
otherwise."""
MISS_ALONE: Final = Levels(before=(), after=())
"""Of the other clocks where no policy says otherwise: their miss is told once, to the first of the chain who is there.
No policy can say it: its first level after the miss is whom the clock concerns."""


def usual(kind: ClockKind) -> Levels:
    """What a clock has whose policy says no levels."""
    return USUAL if kind == "answer" else MISS_ALONE


def _check_before(levels: Sequence[LevelBefore]) -> None:
    if len(levels) > MOST_BEFORE:
        raise _refused(f"at most {MOST_BEFORE} levels lie before the due moment", "before")
    for place, level in enumerate(levels):
        if not 1 <= level.percent <= 99:
            raise _refused("a warning comes at 1 to 99 per cent", f"before/{place}/percent")
    for place, (earlier, later) in enumerate(pairwise(levels), start=1):
        if later.percent <= earlier.percent:
            raise _refused("each warning comes later than the one before it", f"before/{place}/percent")


def _check_after(levels: Sequence[LevelAfter]) -> None:
    if not levels or levels[0] != LevelAfter(_AT_ONCE, "concerned"):
        raise _refused("the first to hear of a miss is at once whom it concerns", "after")
    for place, level in enumerate(levels):
        if level.delay > LATEST or level.delay % _SECOND:
            raise _refused(f"a delay is of whole seconds, at most {LATEST.days} days", f"after/{place}/delay")
    for place, (earlier, later) in enumerate(pairwise(levels), start=1):
        if later.delay <= earlier.delay:
            raise _refused("each level is told later than the one before it", f"after/{place}/delay")
        if number_of(later.recipient) <= number_of(earlier.recipient):
            known = ", ".join(RECIPIENTS)
            raise _refused(f"levels go up, each person once: {known}", f"after/{place}/recipient")


def _refused(detail: str, where: str) -> LevelsRefused:
    return LevelsRefused(detail, pointer=f"#/levels/{where}")

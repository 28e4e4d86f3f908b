"""How fast cases are solved, and the pieces of time in which all cases are reckoned alike."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import pairwise
from typing import Final, Literal, TypeAlias

from services.complaints.cost.domain.model import CostModel, Step

Speed: TypeAlias = Literal["within_4_hours", "within_24_hours", "within_72_hours", "later", "unsolved"]
"""How fast a case was solved, on the wall's clock from recording to resolution; `unsolved` while it is not."""
HOUR: Final = 3600
FOR_EVER: Final = 2**62
"""Seconds; no case takes so long."""
BANDS: Final[Sequence[tuple[int, Speed]]] = (
    (4 * HOUR, "within_4_hours"),
    (24 * HOUR, "within_24_hours"),
    (72 * HOUR, "within_72_hours"),
    (FOR_EVER, "later"),
)
SPEEDS: Final[Sequence[Speed]] = (*(speed for _, speed in BANDS), "unsolved")


def speed_of(seconds: int) -> Speed:
    """The band of a case that was solved after so many seconds."""
    return next(speed for until, speed in BANDS if seconds <= until)


def chance(curve: Sequence[Step], seconds: int) -> Decimal:
    """The share of customers that returns when a case takes so many seconds."""
    return next(step.returns for step in curve if seconds <= _end(step))


def begins(curve: Sequence[Step]) -> list[int]:
    """From how many seconds on each step goes."""
    return [0, *(_end(step) + 1 for step in curve[:-1])]


def _end(step: Step) -> int:
    return FOR_EVER if step.within_hours is None else step.within_hours * HOUR


@dataclass(frozen=True, slots=True)
class Era:
    """The times of recording, from the one moment until before the other, for which a version holds."""

    since: datetime
    until: datetime
    model: CostModel


def eras(versions: Iterable[tuple[datetime, CostModel]], since: datetime, until: datetime) -> list[Era]:
    """The eras of a span, by versions with their starts: at any moment the latest one that has started holds, and
    before all of them the first."""
    known = sorted(versions, key=lambda each: each[1].version)
    found: list[Era] = []
    starts = sorted({since, *(start for start, _ in known if since < start < until)})
    for begins, ends in pairwise([*starts, until]):
        model = next((each for start, each in reversed(known) if start <= begins), known[0][1])
        goes_on = found and found[-1].model.version == model.version
        found.append(Era(found.pop().since if goes_on else begins, ends, model))
    return found


@dataclass(frozen=True, slots=True)
class Piece:
    """Cases recorded in one era that took from `begins` seconds on, until the next piece: one speed, one share at risk.

    `at_risk` is the part of a year's purchases that is at risk: margin × (1 − the share that returns).
    """

    era: int
    begins: int
    speed: Speed
    at_risk: Decimal


def pieces(eras: Sequence[Era]) -> Iterator[Piece]:
    """Every case of these eras lies in one of them; those of each era begin at the same seconds, in their order."""
    ends = sorted({*(until for until, _ in BANDS), *(_end(step) for era in eras for step in era.model.curve)})
    for place, era in enumerate(eras):
        for over, up_to in pairwise([-1, *ends]):
            at_risk = era.model.margin * (1 - chance(era.model.curve, up_to))
            yield Piece(place, over + 1, speed_of(up_to), at_risk)

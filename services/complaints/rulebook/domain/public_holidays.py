"""The public holidays and make-up days of China (法定节假日与调休), as the State Council has announced them."""

from dataclasses import dataclass
from datetime import date
from functools import cache

from chinese_calendar import holidays, workdays


@dataclass(frozen=True, slots=True)
class Holidays:
    """The public holidays and make-up days (调休) that are known, for whole years."""

    holidays: frozenset[date]
    make_up_days: frozenset[date]
    years: frozenset[int]


@cache
def chinese() -> Holidays:
    """What the maintained list knows: whole years from 2004 to the last one announced when it was released."""
    return Holidays(frozenset(holidays), frozenset(workdays), frozenset(day.year for day in holidays))

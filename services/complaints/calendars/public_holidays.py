"""The public holidays and make-up days of China (法定节假日与调休), as the State Council has announced them."""

from functools import cache

from chinese_calendar import holidays, workdays

from services.complaints.calendars.domain import Holidays


@cache
def chinese() -> Holidays:
    """What the maintained list knows: whole years from 2004 to the last one announced when it was released."""
    return Holidays(frozenset(holidays), frozenset(workdays), frozenset(day.year for day in holidays))

"""Field types of request bodies: bounded, storable, and strict where a lenient reading would hide a mistake."""

import re
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Annotated
from zoneinfo import available_timezones

from fastapi import Depends, Query
from pydantic import AfterValidator, AwareDatetime, BeforeValidator, Field, StringConstraints

from shared.mail import mail_address
from shared.months import Month
from shared.phones import e164

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_CONTROL_BUT_LINES = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


def _one_line(text: str) -> str:
    if _CONTROL.search(text):
        raise ValueError("control characters are not taken here")
    return text


def _several_lines(text: str) -> str:
    if _CONTROL_BUT_LINES.search(text):
        raise ValueError("control characters are not taken here")
    return text


def _plausible_year(day: date) -> date:
    if not 1850 <= day.year <= 2200:
        raise ValueError("the year cannot be right")
    return day


def _written(value: object) -> object:
    if not isinstance(value, str | datetime):
        raise ValueError("write a moment as ISO 8601 with its offset, such as 2026-11-04T09:00:00+08:00")
    return value


def _in_utc(moment: datetime) -> datetime:
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise ValueError("this moment is out of all bounds") from None


def _iso_duration(value: object) -> object:
    if not isinstance(value, timedelta) and not (isinstance(value, str) and value.startswith("P")):
        raise ValueError("write a duration as ISO 8601, such as PT4H or P1DT12H")
    return value


_zones = cache(available_timezones)


def _known_zone(name: str) -> str:
    if name not in _zones():
        raise ValueError("write an IANA time zone, such as Asia/Shanghai")
    return name


async def _month(month: Annotated[str, Query(pattern="^[0-9]{4}-(0[1-9]|1[0-2])$", examples=["2026-11"])]) -> Month:
    return Month.parse(month)


_TRIMMED = StringConstraints(strip_whitespace=True)

Line = Annotated[str, _TRIMMED, Field(min_length=1, max_length=200), AfterValidator(_one_line)]
"""A name or another line of text: 1 to 200 characters, no surrounding space, no control characters."""
Address = Annotated[str, _TRIMMED, Field(min_length=1, max_length=300), AfterValidator(_one_line)]
"""Where somebody is or is reached: a line of 1 to 300 characters."""
Reason = Annotated[str, _TRIMMED, Field(min_length=1, max_length=2_000), AfterValidator(_several_lines)]
"""Why somebody did something: 1 to 2,000 characters."""
Note = Annotated[str, _TRIMMED, Field(max_length=4_000), AfterValidator(_several_lines)]
"""What somebody noted, perhaps nothing: up to 4,000 characters."""
Prose = Annotated[str, _TRIMMED, Field(min_length=1, max_length=10_000), AfterValidator(_several_lines)]
"""What somebody said: 1 to 10,000 characters."""
ExternalNo = Annotated[str, _TRIMMED, Field(min_length=1, max_length=64), AfterValidator(_one_line)]
"""A number that another system gave: a customer's, an order's, a receipt's."""
Mail = Annotated[str, _TRIMMED, Field(max_length=254), AfterValidator(_one_line), AfterValidator(mail_address)]
"""An e-mail address."""
Phone = Annotated[str, Field(max_length=40), AfterValidator(e164)]
"""A phone number as people write it, read as E.164."""
Code = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
"""A code of ours, such as after_sales."""
Day = Annotated[date, AfterValidator(_plausible_year)]
"""A date in a year that people live in."""
Moment = Annotated[AwareDatetime, BeforeValidator(_written), AfterValidator(_in_utc)]
"""A moment with its offset, kept in UTC."""
Duration = Annotated[timedelta, BeforeValidator(_iso_duration)]
"""An ISO 8601 duration."""
TimeZone = Annotated[str, StringConstraints(max_length=64), AfterValidator(_known_zone)]
"""An IANA time zone."""
MonthAsked = Annotated[Month, Depends(_month)]
"""The query's `month`, written YYYY-MM; anything else answers 422."""

"""Field types of request bodies: bounded, storable, and strict where a lenient reading would hide a mistake."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Annotated, Final
from zoneinfo import available_timezones

from fastapi import Depends, Query
from pydantic import AfterValidator, AwareDatetime, BeforeValidator, Field, Strict, StringConstraints

from shared.licences import licence_no
from shared.mail import mail_address
from shared.money import in_digits
from shared.months import MONTH_PATTERN, Month
from shared.phones import e164
from shared.texts import fold, fold_identifier

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_CONTROL_BUT_LINES = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f]")
_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?([Zz]|[+-]\d{2}:?\d{2})")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_SOME = r"\d+(?:[.,]\d+)?"
_FIXED = re.compile(rf"P(?=\d|T)({_SOME}W)?({_SOME}D)?(T(?=\d)({_SOME}H)?({_SOME}M)?({_SOME}S)?)?")
"""Each part once and in its order."""
_OUT_OF_BOUNDS = "a moment lies between the years 1970 and 2999"
EARLIEST: Final = datetime(1970, 1, 1, tzinfo=UTC)
LATEST: Final = datetime(3000, 1, 1, tzinfo=UTC)
"""Moments lie between these: beyond is a mistake, and the far ends of the calendar mean for ever to a database."""


def _kept(fold_: Callable[[str], str]) -> BeforeValidator:
    """Folds before anything is judged, so that what is counted and compared is what will be kept."""
    return BeforeValidator(lambda value: fold_(value) if isinstance(value, str) else value)


_FOLDED, _FOLDED_IDENTIFIER = _kept(fold), _kept(fold_identifier)


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


def _no_text(value: object) -> object:
    if isinstance(value, bool | str):
        raise ValueError("write a number, without quotes")
    return value


def _written(value: object) -> object:
    """Digits alone would be read as seconds since 1970 (decision 30a)."""
    if isinstance(value, datetime) or (isinstance(value, str) and _MOMENT.fullmatch(value.strip())):
        return value
    raise ValueError("write a moment as ISO 8601 with its offset, such as 2026-11-04T09:00:00+08:00")


def _written_day(value: object) -> object:
    if (isinstance(value, date) and not isinstance(value, datetime)) or (
        isinstance(value, str) and _DAY.fullmatch(value.strip())
    ):
        return value
    raise ValueError("write a date as YYYY-MM-DD, such as 2026-11-04")


def _read_day_or_moment(value: object) -> object:
    """Read here, so that what is neither has one fault and not one for each of both."""
    text = value.strip().upper() if isinstance(value, str) else ""
    if not (_DAY.fullmatch(text) or _MOMENT.fullmatch(text)):
        raise ValueError("write a date as YYYY-MM-DD, or a moment as ISO 8601 with its offset")
    try:
        return date.fromisoformat(text) if _DAY.fullmatch(text) else datetime.fromisoformat(text)
    except ValueError:
        raise ValueError("there is no such day, or no such time of day") from None


def _either(value: date | datetime) -> date | datetime:
    return _in_utc(value) if isinstance(value, datetime) else _plausible_year(value)


def _in_utc(moment: datetime) -> datetime:
    try:
        in_utc = moment.astimezone(UTC)
    except OverflowError:
        raise ValueError(_OUT_OF_BOUNDS) from None
    if not EARLIEST <= in_utc < LATEST:
        raise ValueError(_OUT_OF_BOUNDS)
    return in_utc


def _iso_duration(value: object) -> object:
    if not isinstance(value, timedelta) and not (isinstance(value, str) and value.startswith("P")):
        raise ValueError("write a duration as ISO 8601, such as PT4H or P1DT12H")
    if isinstance(value, str) and not _FIXED.fullmatch(value):
        raise ValueError("write a duration in weeks, days, hours, minutes and seconds; years and months have no length")
    return value


def _reachable(text: str) -> str:
    return mail_address(text) if "@" in text else e164(text)


_zones = cache(available_timezones)


def _known_zone(name: str) -> str:
    if name not in _zones():
        raise ValueError("write an IANA time zone, such as Asia/Shanghai")
    return name


async def _month(
    month: Annotated[str, Query(pattern=MONTH_PATTERN, examples=["2026-11"])],
) -> Month:
    return Month.parse(month)


_TRIMMED = StringConstraints(strip_whitespace=True)

Line = Annotated[str, _FOLDED, _TRIMMED, Field(min_length=1, max_length=200), AfterValidator(_one_line)]
"""A name or another line of text: 1 to 200 characters, no surrounding space, no control characters."""
Address = Annotated[str, _FOLDED, _TRIMMED, Field(min_length=1, max_length=300), AfterValidator(_one_line)]
"""Where somebody is or is reached: a line of 1 to 300 characters."""
Reason = Annotated[str, _FOLDED, _TRIMMED, Field(min_length=1, max_length=2_000), AfterValidator(_several_lines)]
"""Why somebody did something: 1 to 2,000 characters."""
Note = Annotated[str, _FOLDED, _TRIMMED, Field(max_length=4_000), AfterValidator(_several_lines)]
"""What somebody noted, perhaps nothing: up to 4,000 characters."""
Prose = Annotated[str, _FOLDED, _TRIMMED, Field(min_length=1, max_length=10_000), AfterValidator(_several_lines)]
"""What somebody said: 1 to 10,000 characters."""
ExternalNo = Annotated[str, _FOLDED_IDENTIFIER, _TRIMMED, Field(min_length=1, max_length=64), AfterValidator(_one_line)]
"""A number that another system gave: a customer's, an order's, a receipt's."""
LicenceNo = Annotated[str, Field(max_length=80), AfterValidator(_one_line), AfterValidator(licence_no)]
"""The number of a licence or another registration, in capitals; a unified social credit code by its check digit."""
Mail = Annotated[
    str, _FOLDED_IDENTIFIER, _TRIMMED, Field(max_length=254), AfterValidator(_one_line), AfterValidator(mail_address)
]
"""An e-mail address."""
Phone = Annotated[str, Field(max_length=80), AfterValidator(e164)]
"""A phone number as people write it, read as E.164; an extension stands behind it as `;ext=12`."""
Reachable = Annotated[Line, Field(min_length=3), AfterValidator(_reachable)]
"""Where somebody is answered: a phone number, kept as E.164, or an e-mail address."""
Code = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
"""A code of ours, such as after_sales."""
NO_TEXT = BeforeValidator(_no_text)
"""Stands behind the bounds of a whole number: `Annotated[int, Field(ge=1), NO_TEXT]`, or they would leak as `ge`."""
IN_DIGITS = BeforeValidator(in_digits)
"""Stands behind the bounds of a decimal number that is no amount, likewise."""
Whole = Annotated[int, NO_TEXT]
"""A whole number of a body: neither text that may be read as one nor true, which would count as 1."""
YesOrNo = Annotated[bool, Strict()]
"""True or false of a body, not a number or a text that may be read as one."""
Day = Annotated[date, BeforeValidator(_written_day), AfterValidator(_plausible_year)]
"""A date in a year that people live in."""
Moment = Annotated[AwareDatetime, BeforeValidator(_written), AfterValidator(_in_utc)]
"""A moment with its offset, of the years 1970 to 2999, kept in UTC."""
DayOrMoment = Annotated[AwareDatetime | date, BeforeValidator(_read_day_or_moment), AfterValidator(_either)]
"""A date, or a moment with its offset, as somebody said it: what a date means, the use case says."""
Duration = Annotated[timedelta, BeforeValidator(_iso_duration)]
"""An ISO 8601 duration."""
TimeZone = Annotated[str, StringConstraints(max_length=64), AfterValidator(_known_zone)]
"""An IANA time zone."""
MonthAsked = Annotated[Month, Depends(_month)]
"""The query's `month`, written YYYY-MM; anything else answers 422."""


def _once(values: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(values))


Phones = Annotated[tuple[Phone, ...], Field(max_length=20), AfterValidator(_once)]
Mails = Annotated[tuple[Mail, ...], Field(max_length=20), AfterValidator(_once)]

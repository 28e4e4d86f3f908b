"""Field types of request bodies: bounded, storable, and strict where a lenient reading would hide a mistake."""

from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Annotated
from zoneinfo import available_timezones

from pydantic import AfterValidator, AwareDatetime, BeforeValidator, StringConstraints


def _storable(text: str) -> str:
    if "\x00" in text:
        raise ValueError("NUL characters cannot be stored; leave them out")
    return text


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


Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200), AfterValidator(_storable)]
"""A line of text: 1 to 200 characters, no surrounding space."""
Prose = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=10_000), AfterValidator(_storable)
]
"""What somebody wrote: 1 to 10,000 characters."""
Code = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
"""A code of ours, such as after_sales."""
Moment = Annotated[AwareDatetime, BeforeValidator(_written), AfterValidator(_in_utc)]
"""A moment with its offset, kept in UTC."""
Duration = Annotated[timedelta, BeforeValidator(_iso_duration)]
"""An ISO 8601 duration."""
TimeZone = Annotated[str, StringConstraints(max_length=64), AfterValidator(_known_zone)]
"""An IANA time zone."""

"""Calendar months in the company's time zone: the unit of tiers, reports and penalties."""

import re
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import total_ordering
from typing import Any, Final
from zoneinfo import ZoneInfo

from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema

FIRST_YEAR: Final = 1990
"""What is entered with an earlier date, as the company's wall shows it, is taken for a slip of the pen.

Months are closed in order from the first with data.
"""
MONTH_PATTERN: Final = "^(19[7-9][0-9]|2[0-9]{3})-(0[1-9]|1[0-2])$"
"""Months from 1970 to 2999, as moments are."""
_TEXT = re.compile(MONTH_PATTERN)


@total_ordering
@dataclass(frozen=True, slots=True)
class Month:
    """A calendar month such as 2026-11."""

    year: int
    number: int

    @classmethod
    def parse(cls, text: str) -> "Month":
        """Reads `YYYY-MM`; raises ValueError otherwise."""
        match = _TEXT.match(text)
        if match is None:
            raise ValueError("a month is written YYYY-MM, such as 2026-11")
        return cls(int(match[1]), int(match[2]))

    @classmethod
    def of(cls, moment: datetime | date, zone: ZoneInfo) -> "Month":
        """The month in which a moment lies, in the company's zone."""
        local = moment.astimezone(zone) if isinstance(moment, datetime) else moment
        return cls(local.year, local.month)

    def __str__(self) -> str:
        return f"{self.year:04d}-{self.number:02d}"

    def __lt__(self, other: "Month") -> bool:
        return (self.year, self.number) < (other.year, other.number)

    @property
    def ordinal(self) -> int:
        """Months since the year 0: consecutive months have consecutive numbers (how tables store a month)."""
        return self.year * 12 + self.number - 1

    @classmethod
    def at(cls, ordinal: int) -> "Month":
        """The month with this `ordinal`."""
        year, number = divmod(ordinal, 12)
        return cls(year, number + 1)

    def plus(self, months: int) -> "Month":
        return Month.at(self.ordinal + months)

    def since(self, earlier: "Month") -> int:
        """How many months lie between `earlier` and this one."""
        return self.ordinal - earlier.ordinal

    @property
    def first_day(self) -> date:
        return date(self.year, self.number, 1)

    def starts(self, zone: ZoneInfo) -> datetime:
        """The month's first moment, with the zone."""
        return datetime.combine(self.first_day, time(), zone)

    def ends(self, zone: ZoneInfo) -> datetime:
        """The first moment after the month."""
        return self.plus(1).starts(zone)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_before_validator_function(
            lambda value: value if isinstance(value, cls) else cls.parse(str(value)),
            core_schema.is_instance_schema(cls),
            json_schema_input_schema=core_schema.str_schema(pattern=_TEXT.pattern),
            serialization=core_schema.plain_serializer_function_ser_schema(str, return_schema=core_schema.str_schema()),
        )

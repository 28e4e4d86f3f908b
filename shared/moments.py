"""The one form in which moments leave the house: ISO 8601 in UTC with `Z`, as Pydantic writes them too."""

from datetime import UTC, date, datetime, time, tzinfo
from typing import Final

SQL: Final = "replace(to_json({moment})::text, '+00:00', 'Z')"
"""The same in SQL, as JSON text, from a column with a time zone."""


def written(moment: datetime) -> str:
    """Such as 2026-11-04T01:00:00Z."""
    return with_z(moment.astimezone(UTC).isoformat())


def day_begins(day: date, zone: tzinfo) -> datetime:
    """The first moment of a day of the zone, in UTC."""
    return datetime.combine(day, time(), zone).astimezone(UTC)


def with_z(text: str) -> str:
    """A moment in UTC, or JSON with such moments, however it was written: events from before this form lie in logs.

    Nothing else in an event's data ends so: it holds ids, codes and figures.
    """
    return text.replace("+00:00", "Z")

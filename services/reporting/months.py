"""The month that a report is asked for."""

from typing import Annotated

from fastapi import Depends, Query

from shared.months import Month


async def _asked(month: Annotated[str, Query(pattern="^[0-9]{4}-(0[1-9]|1[0-2])$", examples=["2026-11"])]) -> Month:
    return Month.parse(month)


AskedMonth = Annotated[Month, Depends(_asked)]
"""The query's `month`, written YYYY-MM; anything else answers 422."""

"""Values as requests carry them: bounded, and without the NUL character that the database refuses."""

from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, Field, StringConstraints


def _no_nul(text: str) -> str:
    if "\x00" in text:
        raise ValueError("the NUL character is not allowed")
    return text


Prose = Annotated[str, StringConstraints(strip_whitespace=True, max_length=4000), AfterValidator(_no_nul)]
Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200), AfterValidator(_no_nul)]
Moment = Annotated[
    AwareDatetime,
    Field(ge=datetime(1970, 1, 2, tzinfo=UTC), le=datetime(2999, 12, 30, tzinfo=UTC)),
]
"""A moment with its offset, within the years that people live in."""

"""ETag from the row version; If-Match required on PATCH and on PUT over something that exists (decision 26)."""

import re
from typing import Annotated, Final

from fastapi import Header
from starlette.responses import Response

from shared.errors import Malformed, PreconditionRequired, Stale

_STRONG: Final = re.compile('"[0-9]{1,18}"')

IfMatch = Annotated[str | None, Header(alias="If-Match", description="the ETag that was read")]


def etag(version: int) -> str:
    """The strong ETag of a row's version."""
    return f'"{version}"'


def set_etag(response: Response, version: int) -> None:
    response.headers["ETag"] = etag(version)


def expected_version(if_match: str | None) -> int | None:
    """The version that If-Match names; None for `*`. Raises PreconditionRequired when the header is missing."""
    if if_match is None:
        raise PreconditionRequired("read it first and send its ETag as If-Match", pointer="header/If-Match")
    text = if_match.strip()
    if text == "*":
        return None
    if _STRONG.fullmatch(text):
        return int(text[1:-1])
    raise Malformed('If-Match carries one ETag as it was given, such as "3"', pointer="header/If-Match")


def check_version(if_match: str | None, present: int) -> None:
    """Raises Stale when the row has another version than the caller read."""
    wanted = expected_version(if_match)
    if wanted is not None and wanted != present:
        raise Stale(f"it is at version {present} now; read it again and repeat")

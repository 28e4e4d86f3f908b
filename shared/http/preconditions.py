"""ETag from the row version; If-Match required on PATCH and on PUT over something that exists (decision 26)."""

import re
from typing import Annotated, Final

from fastapi import Depends, Header
from starlette.responses import Response

from shared.errors import Malformed
from shared.versions import ANY_VERSION

_STRONG: Final = re.compile('"[0-9]{1,18}"')


def etag(version: int) -> str:
    """The strong ETag of a row's version."""
    return f'"{version}"'


def set_etag(response: Response, version: int) -> None:
    response.headers["ETag"] = etag(version)


async def _expected_version(
    if_match: Annotated[str | None, Header(alias="If-Match", description="the ETag that was read")] = None,
) -> int | None:
    if if_match is None:
        return None
    text = if_match.strip()
    if text == "*":
        return ANY_VERSION
    if _STRONG.fullmatch(text):
        return int(text[1:-1])
    raise Malformed('If-Match carries one ETag as it was given, such as "3"', pointer="header/If-Match")


IfMatch = Annotated[int | None, Depends(_expected_version)]
"""The version that the caller has read, for `shared.versions.check_version`; None when the header is missing."""

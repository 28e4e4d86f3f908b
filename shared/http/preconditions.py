"""ETag from the row version; If-Match required on PATCH and on PUT over something that exists (decision 26)."""

import inspect
import re
from collections.abc import Callable, Iterator
from types import CodeType, FunctionType, ModuleType
from typing import Annotated, Any, Final

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


def answers_etag(endpoint: Callable[..., Any]) -> bool:
    """Whether an operation answers with an ETag, itself or through what routes share.

    It is looked up in what it calls when the service is described: nobody has to say it once more.
    """
    waiting, seen = [inspect.unwrap(endpoint)], set[object]()
    while waiting:
        function = waiting.pop()
        if function in (etag, set_etag):
            return True
        if isinstance(function, FunctionType) and function not in seen and ".api" in f"{function.__module__}.":
            seen.add(function)
            waiting += _called_by(function)
    return False


def _called_by(function: FunctionType) -> Iterator[Callable[..., Any]]:
    """The functions that it names, those of modules that it names included."""
    names = set(_names_in(function.__code__))
    known = [function.__globals__[name] for name in names if name in function.__globals__]
    for each in known:
        if isinstance(each, FunctionType):
            yield each
        elif isinstance(each, ModuleType):
            yield from (part for name in names if isinstance(part := getattr(each, name, None), FunctionType))


def _names_in(code: CodeType) -> Iterator[str]:
    yield from code.co_names
    for each in code.co_consts:
        if isinstance(each, CodeType):
            yield from _names_in(each)


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

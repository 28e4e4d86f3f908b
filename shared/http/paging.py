"""Cursor paging: the filters are bound into an opaque, signed cursor, so a page always continues the same question."""

import base64
import binascii
import hmac
from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any, Generic, TypeVar

import orjson
from fastapi import Query
from pydantic import BaseModel

from shared.errors import Malformed
from shared.personal import Vault

Limit = Annotated[int, Query(ge=1, le=500, description="how many at most")]
Cursor = Annotated[str | None, Query(description="`next` of the page before; the filters must be the same")]
DEFAULT_LIMIT = 50
_SIGNATURE = 16

T = TypeVar("T")


class Page(BaseModel, Generic[T]):
    """A page of a list; `next` is null on the last one."""

    items: list[T]
    next: str | None = None


class Cursors:
    """Writes and reads cursors of a service."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    def write(self, filters: Mapping[str, object], after: Sequence[object]) -> str:
        """A cursor that continues the list with these filters after the given sort key."""
        content = orjson.dumps([_canonical(filters), list(after)], default=str)
        return base64.urlsafe_b64encode(self._vault.digest(content)[:_SIGNATURE] + content).decode().rstrip("=")

    def read(self, cursor: str | None, filters: Mapping[str, object]) -> list[Any] | None:
        """The sort key to continue after; None without a cursor. Raises Malformed for a foreign or changed one."""
        if cursor is None:
            return None
        try:
            raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        except (binascii.Error, ValueError):
            raw = b""
        signature, content = raw[:_SIGNATURE], raw[_SIGNATURE:]
        if not hmac.compare_digest(self._vault.digest(content)[:_SIGNATURE], signature):
            raise Malformed("this cursor was not given here; start again without one", pointer="query/cursor")
        bound, after = orjson.loads(content)
        if bound != _canonical(filters):
            raise Malformed(
                "this cursor belongs to other filters; start again without one",
                pointer="query/cursor",
            )
        return list(after)

    def page(
        self,
        rows: Sequence[T],
        limit: int,
        filters: Mapping[str, object],
        key: Callable[[T], Sequence[object]],
    ) -> tuple[list[T], str | None]:
        """Cuts `limit` rows from limit + 1 fetched ones and writes the cursor after the last."""
        items = list(rows[:limit])
        return items, self.write(filters, key(items[-1])) if len(rows) > limit else None


def _canonical(filters: Mapping[str, object]) -> dict[str, str]:
    return {name: str(value) for name, value in sorted(filters.items()) if value is not None}

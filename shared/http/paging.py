"""Cursor paging: list and filters are bound into an opaque, signed cursor, so a page continues the same question.

A route takes `paging: Paging` and says how its list is ordered; the rest stands here once:

    PURCHASES = Order(lambda p: (p.occurred_at, p.id), lambda at, id_: (datetime.fromisoformat(at), UUID(id_)))

    return await paging.page(PURCHASES, {"customer_id": customer_id}, read, PurchaseOut.of)
"""

import base64
import binascii
import hmac
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Generic, TypeVar
from uuid import UUID

import orjson
from fastapi import Depends, Query, Request
from pydantic import BaseModel, ConfigDict

from shared.errors import Malformed
from shared.http.bodies import ANSWERED
from shared.personal import Vault

Limit = Annotated[int, Query(ge=1, le=500, description="how many at most")]
Cursor = Annotated[str | None, Query(description="`next` of the page before; the filters must be the same")]
DEFAULT_LIMIT = 50
_SIGNATURE = 16

T = TypeVar("T")
T_contra = TypeVar("T_contra", contravariant=True)
K_co = TypeVar("K_co", covariant=True)
K = TypeVar("K")
O = TypeVar("O")  # noqa: E741  what goes out


class Page(BaseModel, Generic[T]):
    """A page of a list; `next` is null on the last one."""

    model_config = ConfigDict(json_schema_extra={"description": __doc__}, **ANSWERED)
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


@dataclass(frozen=True, slots=True)
class Order(Generic[T_contra, K_co]):
    """How a list is ordered: an item's place in it, and how a place is read back from a cursor's texts and numbers."""

    place_of: Callable[[T_contra], tuple[object, ...]]
    read_place: Callable[..., K_co]


BY_ID: Order[Any, UUID] = Order(lambda item: (item.id,), UUID)
"""In the order of creation, or against it: UUIDv7 sorts so."""


@dataclass(frozen=True, slots=True)
class PageAsked:
    """Which page of a list a request asks for."""

    cursors: Cursors
    operation: str
    cursor: str | None
    limit: int

    @property
    def most(self) -> int:
        """How many items to read: one more than is asked for, which tells whether there is a next page."""
        return self.limit + 1

    def after(self, order: Order[Any, K], filters: Mapping[str, object]) -> K | None:
        """The place after which the page begins; None for the first page. Raises Malformed."""
        place = self.cursors.read(self.cursor, self._bound(filters))
        return None if place is None else order.read_place(*place)

    def cut(
        self, items: Sequence[T], order: Order[T, Any], filters: Mapping[str, object]
    ) -> tuple[list[T], str | None]:
        """The page of what was read (up to `most`), and the cursor of the next one."""
        page = list(items[: self.limit])
        more = len(items) > self.limit
        return page, self.cursors.write(self._bound(filters), order.place_of(page[-1])) if more else None

    def going_on(self, place: Sequence[object] | None, filters: Mapping[str, object]) -> str | None:
        """The cursor of the page after a place, for lists that do not show all they read; None on the last page."""
        return None if place is None else self.cursors.write(self._bound(filters), place)

    async def page(
        self,
        order: Order[T, K],
        filters: Mapping[str, object],
        read: Callable[[K | None, int], Awaitable[Sequence[T]]],
        out: Callable[[T], O],
    ) -> Page[O]:
        """The page that `read` (place to begin after, how many) gives, each item as it goes out. Raises Malformed."""
        items, following = self.cut(await read(self.after(order, filters), self.most), order, filters)
        return Page(items=[out(item) for item in items], next=following)

    def _bound(self, filters: Mapping[str, object]) -> dict[str, object]:
        return {"list": self.operation, **filters}


async def _page_asked(request: Request, cursor: Cursor = None, limit: Limit = DEFAULT_LIMIT) -> PageAsked:
    return PageAsked(request.app.state.cursors, request.scope["route"].name, cursor, limit)


Paging = Annotated[PageAsked, Depends(_page_asked)]


def _canonical(filters: Mapping[str, object]) -> dict[str, str]:
    return {name: str(value) for name, value in sorted(filters.items()) if value is not None}

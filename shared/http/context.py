"""The one dependency by which a route is handed what its service's use cases work with."""

from typing import Annotated, Any, TypeVar

from fastapi import Depends, Request

C = TypeVar("C")


async def _context(request: Request) -> Any:
    return request.app.state.context


Injected = Annotated[C, Depends(_context)]
"""A route says `context: Injected[Context]` with the context of its own service."""

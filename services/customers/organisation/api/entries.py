"""What the routes of all lists of the directory have in common."""

from typing import TypeVar

from fastapi import Response
from pydantic import BaseModel

from services.customers.organisation.domain import DirectoryEntry
from shared.http.preconditions import set_etag

Out = TypeVar("Out", bound=BaseModel)


def answer(response: Response, shape: type[Out], entry: DirectoryEntry) -> Out:
    """An entry in the shape of its answer, with its ETag."""
    set_etag(response, entry.version)
    return shape.model_validate(entry)


def created(response: Response, list_: str, shape: type[Out], entry: DirectoryEntry) -> Out:
    """The same for a new entry, with the place where it stands."""
    response.headers["Location"] = f"/customers/v1/{list_}/{entry.id}"
    return answer(response, shape, entry)

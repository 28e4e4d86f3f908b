"""Published events as a description shows them: the CloudEvents envelope around each contract, told apart by `type`."""

import importlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache, reduce
from importlib.util import find_spec
from operator import or_
from typing import Annotated, Any, Final, Literal
from uuid import UUID

from pydantic import BaseModel, Field, create_model

from shared.contracts.base import Fact
from shared.contracts.customers import CONTACTS

_TYPE = "what happened: a reader goes by it"
_DATA = "the fields of the contract; one that came into it later may be missing"


class Envelope(BaseModel):
    """An event in the JSON form of CloudEvents 1.0."""

    specversion: Literal["1.0"] = Field(description="of CloudEvents")
    id: UUID = Field(description="unique: what has been done under it is not done again")
    source: str = Field(description="the service that published it", examples=["/crm/complaints"])
    type: str = Field(description=_TYPE, examples=["crm.complaint.overdue"])
    subject: UUID = Field(description="the id of the aggregate that changed")
    time: datetime = Field(description="business time")
    dataschema: str = Field(description="type and major version of the contract of `data`")
    datacontenttype: Literal["application/json"] = Field(description="what `data` is written in")
    partitionkey: str = Field(description="events with the same key are in order")
    aggregateversion: int = Field(description="counts the aggregate's changes from 1: an older one than seen is stale")
    historical: bool = Field(description="it tells of the past (imports, takeovers): notify nobody because of it")
    sequence: int = Field(description="its place in the producer's log")
    epoch: int = Field(description="of the producer's log: 0 at first; a restored log begins a new one")
    data: dict[str, Any] = Field(description=_DATA)


_ALSO: Final[Mapping[str, Sequence[str]]] = {
    "customers": (
        "early_warnings",
        "erasures",
        "losses",
        "merging",
        "network",
        "owners",
        "payments",
        "rebates",
        "scheme",
        "signals",
        "winbacks",
        "worth",
        "withdrawing",
    ),
    "complaints": ("clocks", "commitments", "confirmations", "internal", "letters", "safety", "scheme", "settlements"),
    "care": ("confirmations", "scheme"),
    "reporting": ("confirmations",),
}
"""Service -> modules of its contracts beside the one of its name."""


def published_by(service: str) -> list[type[Fact]]:
    """What the feed of a service may hold, by its contracts; contacts are never in it."""
    modules = [f"shared.contracts.{name}" for name in (service, *_ALSO.get(service, ()))]
    things = [each for name in modules if find_spec(name) for each in vars(importlib.import_module(name)).values()]
    facts = [each for each in things if isinstance(each, type) and issubclass(each, Fact) and "TYPE" in vars(each)]
    return sorted((fact for fact in facts if fact.TOPIC != CONTACTS), key=lambda fact: fact.TYPE)


@cache  # the models of a service are the same however often it is put together
def page_of(service: str) -> type[BaseModel]:
    """The page of a service's feed: `items` is any of its events."""
    events = [_event(fact) for fact in published_by(service)]
    items: Any = list[told_apart(events) if events else Envelope]  # type: ignore[misc]  # made when it runs
    return create_model(
        "EventPage",
        __doc__="Published events, each as a CloudEvent. A type that you do not know may come: leave it out.",
        items=(items, ...),
        next=(int | None, ...),
    )


def told_apart(models: Sequence[type[BaseModel]]) -> Any:
    """One of several models: their `type` says which."""
    return Annotated[reduce(or_, models), Field(discriminator="type")]


def _event(fact: type[Fact]) -> type[BaseModel]:
    says = f"`{fact.TYPE}` in its envelope."
    kind: Any = Literal[fact.TYPE]
    return create_model(
        f"{fact.__name__}Event",
        __base__=Envelope,
        __doc__=says,
        type=(kind, Field(description=_TYPE)),
        data=(fact, Field(description=_DATA)),
    )

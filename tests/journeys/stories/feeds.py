"""What partners read: the events of every service, after all that the other stories have made."""

from collections import defaultdict
from collections.abc import AsyncIterator
from typing import Any

from shared.settings import SERVICES
from tests.journeys.network import get
from tests.journeys.stage import Stage


async def moments_have_one_form_in_every_feed(stage: Stage) -> None:
    """Events that the code wrote and those that a statement wrote (closes, imports); `get` looks at each page."""
    for service in SERVICES:
        async for _ in _feed(stage, service):
            pass


async def no_version_is_without_its_event(stage: Stage) -> None:
    """Readers take a missing version for a lost event: those of whatever is told of follow each other from 1."""
    for service in SERVICES:
        told: dict[str, set[int]] = defaultdict(set)
        async for event in _feed(stage, service):
            told[event["subject"]].add(event["aggregateversion"])
        gaps = {
            about: sorted(versions) for about, versions in told.items() if versions != {*range(1, len(versions) + 1)}
        }
        assert gaps == {}, service


async def _feed(stage: Stage, service: str) -> AsyncIterator[dict[str, Any]]:
    after: int | None = 0
    while after is not None:
        page = await get(stage.http, f"/{service}/v1/events", after=after, limit=500)
        for event in page["items"]:
            yield event
        after = page["next"]

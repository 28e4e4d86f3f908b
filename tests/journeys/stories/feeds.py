"""What partners read: the events of every service, after all that the other stories have made."""

from shared.settings import SERVICES
from tests.journeys.network import get
from tests.journeys.stage import Stage


async def moments_have_one_form_in_every_feed(stage: Stage) -> None:
    """Events that the code wrote and those that a statement wrote (closes, imports); `get` looks at each page."""
    for service in SERVICES:
        after: int | None = 0
        while after is not None:
            after = (await get(stage.http, f"/{service}/v1/events", after=after, limit=500))["next"]

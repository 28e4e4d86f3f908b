"""GET /reporting/v1/live: what happens, as server-sent events."""

from sse_starlette import EventSourceResponse

from services.reporting.context import Context
from shared.errors import Malformed
from shared.http.context import Injected
from shared.http.declared import raises
from shared.http.live import DESCRIBED, After, LastEventId, followed
from shared.http.routing import Caller, StillHere, router
from shared.live.updates import TooManyFollowers, TooManyStreams

routes = router("/reporting/v1", "live")


@routes.get("/live", response_class=EventSourceResponse, responses=DESCRIBED)
@raises(Malformed, TooManyFollowers, TooManyStreams)
async def follow_live(
    context: Injected[Context],
    caller: Caller,
    still_here: StillHere,
    last_event_id: LastEventId = None,
    after: After = None,
) -> EventSourceResponse:
    """Complaints, tier moves, missed touches, messages and closed months, as they happen; ids and figures only."""
    return await followed(context.live, caller.id, still_here, last_event_id, after)

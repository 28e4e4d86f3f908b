"""The log is read again from its beginning: whoever acted on an event does not act on it twice."""

from shared.months import Month
from shared.settings import Settings
from tests.journeys.reading import Read, differences, read_everything
from tests.journeys.stage import Stage

ZONE = Settings().zone


async def everything_is_offered_again(stage: Stage) -> None:
    """Every service is offered every event again: tasks, messages, reports and levels stay as they were."""
    before = await _settled(stage)
    await stage.offer_again()
    after = await _settled(stage)
    assert differences(before, after) == {}


async def _settled(stage: Stage) -> Read:
    """What there is to read once nothing moves any more: a message may still have been on its way out."""
    running = Month.of(await stage.now(), ZONE)
    await stage.quiet()
    read = await read_everything(stage.http, running)

    async def reads_the_same() -> bool:
        nonlocal read
        await stage.quiet()
        before, read = read, await read_everything(stage.http, running)
        return before == read

    await stage.until(reads_the_same, "everything has settled")
    return read

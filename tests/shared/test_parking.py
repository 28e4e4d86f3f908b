"""What is parked is tried again, given up or read anew, by a person who answers for it; nothing shows what it says."""

import json
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from uuid import UUID

import asyncpg
import pytest
from structlog.testing import capture_logs

from deploy.parking import told_of_parked, told_of_replay
from shared.bus import outbox, parking
from shared.bus.discard import NoReason, NotParked, discard
from shared.bus.event import Event
from shared.bus.inbox import BEHIND, Superseded
from shared.bus.inprocess import InProcessPublisher
from shared.bus.parking_figures import parked_figures
from shared.bus.port import Record, Unreadable
from shared.bus.relay import Relay
from shared.bus.replay import Replayed, release_relay, replay
from shared.clock import ManualClock
from shared.db import Database
from shared.ids import new_id
from shared.rebuild import rebuild
from tests.postgres import FreshDatabase
from tests.shared.bus_under_test import CREATE_EFFECT, Counted, Reader
from tests.support import START, database_of

PHONE = "+8613800138000"
ONE, OTHER = UUID(int=1), UUID(int=2)
BY = "a person"


@pytest.fixture
async def reader(fresh_database: FreshDatabase) -> AsyncIterator[Reader]:
    database = await Database.connect(await database_of(fresh_database, "care"), pool_size=3)
    await database.execute(CREATE_EFFECT)
    yield Reader("care", database, Counted.TOPIC)
    await database.close()


def counted(key: UUID, value: int, *, position: int = 0, **changes: object) -> Record:
    """The event that counts `key` to `value`, at a place that follows from both unless it is given."""
    event = Event.of(Counted(customer_id=key, value=value), aggregate_id=key, version=value, at=START)
    event = replace(event, **changes)  # type: ignore[arg-type]  # fields of the event by their names
    return Record(event.topic, 0, position or key.int * 1_000 + value, event.key, event)


def id_of(record: Record) -> str:
    assert isinstance(record.content, Event)
    return str(record.content.id)


def refuse(*values: int) -> Callable[[Event], None]:
    def poison(event: Event) -> None:
        if event.aggregate_version in values:
            raise ValueError(f"this one is poison: {PHONE}")

    return poison


async def waiting(reader: Reader) -> list[tuple[str, str]]:
    return [(str(row["key"]), str(row["error"])) for row in await parking.waiting(reader.database)]


async def numbers(reader: Reader) -> list[int]:
    return [int(str(row["id"])) for row in await parking.waiting(reader.database)]


async def entries(reader: Reader) -> list[tuple[str, str, str | None, int]]:
    rows = await reader.database.fetch("SELECT made_by, what, reason, events FROM parking_entry ORDER BY id")
    return [tuple(row) for row in rows]


async def test_a_later_major_is_never_applied_as_the_first(reader: Reader) -> None:
    await reader.inbox.take([counted(ONE, 1, major=2), counted(ONE, 2)])

    [outcome] = await replay(reader.inbox, BY)

    assert (outcome.events, outcome.left, outcome.error) == (0, 2, "not understood: major version 2")
    assert await reader.values(ONE) == []
    assert await entries(reader) == []


async def test_a_replay_goes_on_past_a_key_that_fails_again(reader: Reader) -> None:
    reader.before = refuse(2)
    await reader.inbox.take([counted(key, value) for value in (1, 2, 3) for key in (ONE, OTHER)])
    reader.before = lambda event: refuse(2)(event) if event.key == str(ONE) else None

    outcomes = await replay(reader.inbox, BY)

    assert [(outcome.events, outcome.left, outcome.error) for outcome in outcomes] == [
        (0, 2, "builtins.ValueError"),
        (2, 0, None),
    ]
    assert await reader.values(OTHER) == [1, 2, 3]
    assert await waiting(reader) == [(str(ONE), "builtins.ValueError"), (str(ONE), BEHIND)]


async def test_a_key_goes_as_far_as_it_can(reader: Reader) -> None:
    reader.before = refuse(2, 4)
    await reader.inbox.take([counted(ONE, value) for value in range(1, 6)])
    reader.before = refuse(4)

    [outcome] = await replay(reader.inbox, BY)

    assert (outcome.events, outcome.left) == (2, 2)
    assert await reader.values(ONE) == [1, 2, 3]
    assert await waiting(reader) == [(str(ONE), "builtins.ValueError"), (str(ONE), BEHIND)]
    reader.before = lambda event: None
    assert await replay(reader.inbox, BY, str(ONE)) == [Replayed(2, 0)]
    assert await reader.values(ONE) == [1, 2, 3, 4, 5]
    assert await entries(reader) == [(BY, "replayed", None, 2), (BY, "replayed", None, 2)]


async def test_nothing_that_is_said_or_logged_has_content_in_it(reader: Reader) -> None:
    reader.before = refuse(1)
    broken = counted(OTHER, 2, data=json.dumps({"value": PHONE}))
    with capture_logs() as logged:
        await reader.inbox.take([counted(ONE, 1), broken, counted(UUID(int=3), 1, major=2)])
        said = told_of_replay("care", await replay(reader.inbox, BY), 0)
        said += told_of_parked("care", await parking.waiting(reader.database))

    assert PHONE not in said + json.dumps(logged, default=lambda fault: type(fault).__name__)
    assert "pydantic_core._pydantic_core.ValidationError" in said
    assert "builtins.ValueError" in said


async def test_each_parked_event_is_one_line_in_the_log(reader: Reader) -> None:
    reader.before = refuse(2)
    records = [counted(ONE, 1), counted(ONE, 2), counted(ONE, 3), counted(OTHER, 5, major=2)]
    foreign = Record("crm.test.v1", 2, 9, PHONE, Unreadable({"ce_id": PHONE}, PHONE.encode(), "no event of ours (X)"))
    with capture_logs() as logged:
        await reader.inbox.take([*records, foreign])
        await reader.inbox.take([*records, foreign])

    lines = [line for line in logged if line["event"] == "event parked"]
    assert [(line["event_id"], line["type"], line["position"], line["error"]) for line in lines] == [
        (id_of(records[1]), Counted.TYPE, 1_002, "builtins.ValueError"),
        (id_of(records[2]), Counted.TYPE, 1_003, BEHIND),
        (id_of(records[3]), Counted.TYPE, 2_005, "not understood: major version 2"),
        (None, None, 9, "not understood: no event of ours (X)"),
    ]
    assert PHONE not in json.dumps(lines, default=lambda fault: type(fault).__name__)


async def test_the_figure_is_what_the_database_says(reader: Reader) -> None:
    reader.before = refuse(1)
    await reader.inbox.take([counted(ONE, value) for value in (1, 2, 3)])

    assert b'crm_parked_events{consumer="care",service="care"} 3.0' in await parked_figures("care", reader.database)
    other_process = await Database.connect(reader.database.url, pool_size=1)
    assert await parked_figures("care", other_process) == await parked_figures("care", reader.database)
    await other_process.close()

    reader.before = lambda event: None
    await replay(reader.inbox, BY)
    figures = await parked_figures("care", reader.database)
    assert b'crm_parked_events{consumer="care",service="care"} 0.0' in figures
    assert b'crm_parked_events{consumer="relay",service="care"} 0.0' in figures


async def test_no_figure_is_told_while_the_database_is_away(reader: Reader) -> None:
    gone = await Database.connect(reader.database.url, pool_size=1)
    await gone.close()

    assert await parked_figures("care", gone) == b""


async def test_an_event_that_comes_again_from_another_place_is_parked_once(reader: Reader) -> None:
    reader.before = refuse(1)
    first, second = counted(ONE, 1), counted(ONE, 2)
    await reader.inbox.take([first, second])

    await reader.inbox.take([replace(first, position=71), replace(second, position=72)])

    assert len(await waiting(reader)) == 2


async def test_what_is_done_is_not_parked_when_its_key_is_and_it_comes_again(reader: Reader) -> None:
    done = counted(ONE, 1)
    reader.before = refuse(2)
    await reader.inbox.take([done, counted(ONE, 2)])

    await reader.inbox.take([done])

    assert await waiting(reader) == [(str(ONE), "builtins.ValueError")]


async def test_what_was_judged_by_a_key_that_is_free_meanwhile_is_judged_anew(reader: Reader) -> None:
    reader.before = refuse(1)
    first, second = counted(ONE, 1), counted(ONE, 2)
    await reader.inbox.take([first])
    reader.before = lambda event: None
    await replay(reader.inbox, BY)
    with pytest.raises(Superseded):
        async with reader.database.transaction() as transaction:
            await reader.inbox._park_behind(transaction, [second])

    await reader.inbox.take([second])
    assert await reader.values(ONE) == [1, 2]


async def test_a_message_that_can_be_read_now_has_its_effect(reader: Reader) -> None:
    """A later release may read what this one could not; until then its key waits, and the replay says so."""
    foreign = Record("crm.test.v1", 2, 9, str(ONE), Unreadable({}, b"{}", "no event of ours (KeyError)"))
    await reader.inbox.take([foreign])
    await reader.inbox.take([counted(ONE, 1)])

    [outcome] = await replay(reader.inbox, BY)

    assert (outcome.events, outcome.left) == (0, 2)
    assert outcome.error == "not understood: no event of ours (KeyError)"
    headers = {
        "ce_type": Counted.TYPE, "ce_time": START.isoformat(), "ce_subject": str(OTHER), "ce_aggregateversion": "1",
        "ce_dataschema": f"urn:crm:{Counted.TYPE}:1", "ce_id": str(new_id()),
    }  # fmt: skip
    body = Counted(customer_id=ONE, value=7).model_dump_json().encode()
    await reader.database.execute(
        "UPDATE parked_event SET headers = $1::json, body = $2 WHERE event_id IS NULL", json.dumps(headers), body
    )
    assert await replay(reader.inbox, BY) == [Replayed(2, 0)]
    assert await reader.values(ONE) == [7, 1]


async def test_a_discarded_event_never_has_its_effect_and_is_answered_for(reader: Reader) -> None:
    reader.before = refuse(2)
    records = [counted(ONE, value) for value in (1, 2, 3)]
    await reader.inbox.take(records)
    number = (await numbers(reader))[0]

    await discard(reader.database, BY, " entered twice ", numbers=[number])
    assert await replay(reader.inbox, BY) == [Replayed(1, 0)]

    assert await reader.values(ONE) == [1, 3]
    assert await entries(reader) == [(BY, "discarded", "entered twice", 1), (BY, "replayed", None, 1)]
    assert await reader.database.fetchval("SELECT event_ids FROM parking_entry ORDER BY id LIMIT 1") == [
        UUID(id_of(records[1]))
    ]
    assert await reader.database.fetchval("SELECT body FROM parked_event WHERE id = $1", number) is None
    await reader.inbox.take(records)
    await reader.inbox.take([replace(records[1], position=99)])
    assert await waiting(reader) == []


async def test_a_message_that_was_no_event_is_discarded_for_good(reader: Reader) -> None:
    foreign = Record("crm.test.v1", 2, 9, str(ONE), Unreadable({}, b"{}", "no event of ours (KeyError)"))
    await reader.inbox.take([foreign])

    await discard(reader.database, BY, "somebody tried something", key=str(ONE))
    await reader.inbox.take([foreign])

    assert await waiting(reader) == []


@pytest.mark.parametrize("reason", ["", "  ", "two\nlines", "x" * 501])
async def test_nothing_is_discarded_without_a_reason(reader: Reader, reason: str) -> None:
    reader.before = refuse(1)
    await reader.inbox.take([counted(ONE, 1)])

    with pytest.raises(NoReason):
        await discard(reader.database, BY, reason, key=str(ONE))

    assert len(await waiting(reader)) == 1


async def test_nothing_is_discarded_when_one_of_them_does_not_wait(reader: Reader) -> None:
    reader.before = refuse(1)
    await reader.inbox.take([counted(ONE, 1)])
    [number] = await numbers(reader)

    with pytest.raises(NotParked):
        await discard(reader.database, BY, "a reason", numbers=[number, number + 1])
    with pytest.raises(NotParked):
        await discard(reader.database, BY, "a reason", key=str(OTHER))

    assert len(await waiting(reader)) == 1
    assert await entries(reader) == []


@pytest.mark.parametrize("change", ["UPDATE parking_entry SET reason = 'none'", "DELETE FROM parking_entry"])
async def test_entries_stand(reader: Reader, change: str) -> None:
    reader.before = refuse(1)
    await reader.inbox.take([counted(ONE, 1)])
    await discard(reader.database, BY, "a reason", key=str(ONE))

    with pytest.raises(asyncpg.RaiseError, match="takes inserts alone"):
        await reader.database.execute(change)


async def test_a_rebuild_offers_what_is_parked_again_and_leaves_alone_what_was_discarded(reader: Reader) -> None:
    reader.before = refuse(2, 3)
    records = [counted(key, value) for key in (ONE, OTHER) for value in (1, 2, 3, 4)]
    await reader.inbox.take(records)
    of_one = [int(str(row["id"])) for row in await parking.waiting(reader.database) if row["key"] == str(ONE)]
    await discard(reader.database, BY, "poison", numbers=of_one[:2])

    rebuilt = await rebuild(reader.database, "care", ("effect",), BY)
    assert (rebuilt.events, rebuilt.keys) == (4, 2)
    assert await waiting(reader) == []
    reader.before = refuse(3)
    await reader.inbox.take(records, generation=1)

    assert await reader.values(ONE) == [1, 4]
    assert await reader.values(OTHER) == [1, 2]
    assert await waiting(reader) == [(str(OTHER), "builtins.ValueError"), (str(OTHER), BEHIND)]
    assert (await entries(reader))[-1] == (BY, "rebuilt", None, 4)


class _Small(InProcessPublisher):
    """A broker that takes no event of a value of 2."""

    def is_too_large(self, event: Event) -> bool:
        return event.aggregate_version == 2


async def test_an_event_that_the_relay_parked_is_tried_again_or_given_up(reader: Reader) -> None:
    relay = Relay("care", reader.database, _Small(), ManualClock(START))
    events = [event for n in (1, 2, 3) if isinstance(event := counted(ONE, n).content, Event)]
    async with reader.database.transaction() as transaction:
        await outbox.append(transaction, events)
    with capture_logs() as logged:
        while await relay.step():
            pass
    assert [line["event_id"] for line in logged if line["event"] == "event parked"] == [str(events[1].id)]

    assert await release_relay(reader.database, BY) == 1
    while await relay.step():
        pass
    [number] = await numbers(reader)
    await discard(reader.database, BY, "too large for anybody", numbers=[number])
    while await relay.step():
        pass

    sequences = await reader.database.fetch("SELECT sequence FROM event_log ORDER BY id")
    assert [row["sequence"] for row in sequences] == [1, None, 2]
    assert await entries(reader) == [(BY, "released", None, 1), (BY, "discarded", "too large for anybody", 1)]


async def test_the_list_is_read_at_a_glance(reader: Reader) -> None:
    assert told_of_parked("care", []) == "care: nothing is parked"
    reader.before = refuse(1)
    await reader.inbox.take([counted(ONE, value) for value in (1, 2, 3)])

    head, failed, behind, hint = told_of_parked("care", await parking.waiting(reader.database)).splitlines()

    first, second, third = await numbers(reader)
    assert head == "care: 3 events of 1 key parked"
    assert failed.split()[0] == str(first)
    assert f"{Counted.TYPE} in {Counted.TOPIC} at 0/1001: builtins.ValueError (key {ONE})" in failed
    assert f"2 later ones of its key behind it ({second} to {third})" in behind
    assert "crm parking replay care" in hint

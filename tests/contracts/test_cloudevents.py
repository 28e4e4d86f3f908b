"""An event says the same on Kafka, in the event feed and in the log: CloudEvents 1.0."""

import json
from dataclasses import replace
from datetime import datetime
from uuid import UUID

import orjson
import pytest
from aiokafka.structs import ConsumerRecord

from shared.bus.binary_mode import headers_of, record_of
from shared.bus.event import WITHHELD, Event
from shared.bus.port import Record, Unreadable
from shared.contracts.base import Fact
from shared.ids import new_id
from tests.contracts.samples import facts, file_of
from tests.support import START

TRACEPARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
FACTS = facts()


def _event(fact: type[Fact], *, historical: bool = False) -> Event:
    said = fact.model_validate(json.loads(file_of(fact).read_text())["full"])
    made = Event.of(said, aggregate_id=new_id(), version=3, at=START, historical=historical)
    return replace(made, traceparent=TRACEPARENT, sequence=42)


def _record(event: Event, **changed: object) -> "ConsumerRecord[bytes, bytes]":
    """The message as a broker would hand it over."""
    fields: dict[str, object] = {
        "topic": event.topic,
        "partition": 0,
        "offset": 42,
        "timestamp": 0,
        "timestamp_type": 1,
        "key": event.key.encode(),
        "value": event.data.encode(),
        "checksum": None,
        "serialized_key_size": 0,
        "serialized_value_size": 0,
        "headers": headers_of(event, "customers"),
        **changed,
    }
    return ConsumerRecord(**fields)


@pytest.mark.parametrize("historical", [False, True])
@pytest.mark.parametrize("fact", FACTS, ids=[fact.TYPE for fact in FACTS])
def test_through_kafka_and_back(fact: type[Fact], historical: bool) -> None:
    event = _event(fact, historical=historical)
    record = record_of(_record(event))
    assert record == Record(event.topic, 0, 42, event.key, event)
    assert isinstance(record.content, Event)
    assert record.content.read(fact) == event.read(fact)


@pytest.mark.parametrize("fact", FACTS, ids=[fact.TYPE for fact in FACTS])
def test_the_feed_says_what_the_headers_say(fact: type[Fact]) -> None:
    event = _event(fact)
    headers = {name: value.decode() for name, value in headers_of(event, "customers")}
    shown = json.loads(orjson.dumps(event.as_cloudevent("/crm/customers")))
    withheld = {WITHHELD[fact.TYPE]: None} if fact.TYPE in WITHHELD else {}
    assert shown.pop("data") == json.loads(event.data) | withheld
    assert shown.pop("datacontenttype") == headers.pop("content-type")
    assert shown.pop("sequence") == 42
    assert headers.pop("traceparent") == TRACEPARENT
    as_text = {f"ce_{name}": value if isinstance(value, str) else json.dumps(value) for name, value in shown.items()}
    assert as_text == headers


def test_the_attributes_are_those_of_cloudevents() -> None:
    shown = _event(FACTS[0]).as_cloudevent("/crm/customers")
    assert {"specversion", "id", "source", "type"} <= set(shown), "required ones"
    assert all(name.isascii() and name.isalnum() and name == name.lower() and len(name) <= 20 for name in shown)
    assert shown["specversion"] == "1.0"
    assert UUID(str(shown["id"])).version == 7
    assert datetime.fromisoformat(str(shown["time"])) == START
    assert shown["dataschema"] == f"urn:crm:{FACTS[0].TYPE}:1"


GOOD = _event(FACTS[0])
HEADERS = headers_of(GOOD, "customers")


@pytest.mark.parametrize(
    "missing", ["ce_id", "ce_type", "ce_time", "ce_subject", "ce_aggregateversion", "ce_dataschema"]
)
def test_without_an_attribute_it_is_no_event_of_ours(missing: str) -> None:
    message = _record(GOOD, headers=[header for header in HEADERS if header[0] != missing])
    assert isinstance(record_of(message).content, Unreadable)


FOREIGN: dict[str, dict[str, object]] = {
    "a tombstone": {"value": None},
    "bytes that are no text": {"value": b"\xff\xfe"},
    "no headers": {"headers": []},
    "a time that is none": {"headers": [*HEADERS, ("ce_time", b"yesterday")]},
    "an id that is none": {"headers": [*HEADERS, ("ce_id", b"7")]},
    "a version that is none": {"headers": [*HEADERS, ("ce_aggregateversion", b"new")]},
    "a header that is no text": {"headers": [*HEADERS, ("ce_subject", b"\xff")]},
    "a header without a value": {"headers": [*HEADERS, ("x-other", None), ("ce_id", None)]},
    "a key that is no text": {"key": b"\xff\xfe", "headers": []},
    "NUL": {"key": b"\0", "headers": [("x\0", b"\0")]},
    "no key": {"key": None, "headers": []},
}


@pytest.mark.parametrize("changed", FOREIGN.values(), ids=FOREIGN.keys())
def test_what_is_no_event_of_ours_is_kept_for_the_parking(changed: dict[str, object]) -> None:
    record = record_of(_record(GOOD, **changed))
    assert isinstance(record.content, Unreadable)
    assert record.position == 42
    assert "\0" not in record.key + "".join(record.content.headers.values()), "it can be stored"


def test_headers_of_others_do_not_disturb() -> None:
    message = _record(GOOD, headers=[*HEADERS, ("x-tenant", b"\xff"), ("x-empty", b"")])
    assert record_of(message).content == GOOD


def test_a_later_major_is_an_event_that_we_do_not_understand_yet() -> None:
    later = record_of(_record(replace(GOOD, major=2)))
    assert isinstance(later.content, Event)
    assert later.content.major == 2

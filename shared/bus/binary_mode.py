"""An event as a Kafka message: CloudEvents in binary mode, its attributes as headers around the data."""

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from shared.bus.contacts import CONTACTS_TOPIC, sealed_by
from shared.bus.event import Event
from shared.bus.port import Record, Unreadable
from shared.moments import written

if TYPE_CHECKING:  # all in one there is no Kafka, and its client would cost the start
    from aiokafka.structs import ConsumerRecord


def headers_of(event: Event, service: str) -> list[tuple[str, bytes]]:
    """CloudEvents attributes as Kafka headers (binary mode)."""
    headers = [
        ("ce_specversion", b"1.0"),
        ("ce_id", str(event.id).encode()),
        ("ce_source", f"/crm/{service}".encode()),
        ("ce_type", event.type.encode()),
        ("ce_subject", str(event.aggregate_id).encode()),
        ("ce_time", written(event.time).encode()),
        ("ce_dataschema", f"urn:crm:{event.type}:{event.major}".encode()),
        ("ce_partitionkey", event.key.encode()),
        ("ce_aggregateversion", str(event.aggregate_version).encode()),
        ("ce_historical", b"true" if event.historical else b"false"),
        ("ce_epoch", str(event.epoch).encode()),
        ("content-type", b"application/json"),
    ]
    if key := sealed_by(event):
        headers.append(("ce_sealedby", key.encode()))
    if event.traceparent:
        headers.append(("traceparent", event.traceparent.encode()))
    return headers


def is_tombstone(message: "ConsumerRecord[bytes, bytes]") -> bool:
    """Whether it only tells the broker to forget a contact: there is nothing in it to be taken."""
    return message.topic == CONTACTS_TOPIC and message.value is None


def record_of(message: "ConsumerRecord[bytes, bytes]") -> Record:
    """The event in a Kafka message, or what is known of something unreadable."""
    headers = {_text(name.encode()): _text(value) for name, value in message.headers}
    key = _text(message.key)
    content: Event | Unreadable
    try:
        content = event_in(message.topic, key, headers, message.value, message.offset)
    except UNREADABLE as fault:
        content = Unreadable(headers, message.value, f"no event of ours ({type(fault).__name__})")
    return Record(message.topic, message.partition, message.offset, key, content)


def _text(value: bytes | None) -> str:
    """What anybody may have put into a key or header, as text that can be parked: PostgreSQL takes no NUL."""
    return (value or b"").decode("utf-8", "replace").replace("\0", "\ufffd")


UNREADABLE = (KeyError, ValueError, AttributeError, UnicodeDecodeError)
"""What `event_in` raises for a message that is no event of ours."""


def event_in(topic: str, key: str, headers: Mapping[str, str], body: bytes | None, offset: int) -> Event:
    """The event in a message; raises one of UNREADABLE."""
    if body is None:
        raise ValueError("a message without a body")
    return Event(
        type=headers["ce_type"],
        topic=topic,
        key=key,
        time=datetime.fromisoformat(headers["ce_time"]),
        aggregate_id=UUID(headers["ce_subject"]),
        aggregate_version=int(headers["ce_aggregateversion"]),
        data=body.decode(),
        major=int(headers["ce_dataschema"].rsplit(":", 1)[1]),
        historical=headers.get("ce_historical") == "true",
        id=UUID(headers["ce_id"]),
        traceparent=headers.get("traceparent"),
        sequence=offset,
        epoch=int(headers.get("ce_epoch", "0")),
    )

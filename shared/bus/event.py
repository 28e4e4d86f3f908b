"""An event on its way: CloudEvents attributes around a contract's data."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeAlias, TypeVar
from uuid import UUID

import orjson

from shared.contracts.base import Fact
from shared.contracts.customers import StaffListed
from shared.ids import new_id
from shared.moments import with_z, written
from shared.telemetry import current_traceparent

F = TypeVar("F", bound=Fact)
Contract: TypeAlias = type[F]

WITHHELD: Mapping[str, str] = {StaffListed.TYPE: "address"}
"""Event type -> a field that older releases filled with what is not for every reader of a feed (decision 20)."""


@dataclass(frozen=True, slots=True)
class Event:
    """One event. `data` is the JSON text of its fact; `time` is business time in UTC.

    `aggregate_version` counts the changes of the aggregate from 1, so a reader sees gaps and stale ones.
    `historical` events tell of the past (imports, takeovers, closes of past months): nobody is notified and nothing
    is sent because of them (decision "history is silent").
    """

    type: str
    topic: str
    key: str
    time: datetime
    aggregate_id: UUID
    aggregate_version: int
    data: str
    major: int = 1
    historical: bool = False
    id: UUID = field(default_factory=new_id)
    traceparent: str | None = None
    sequence: int | None = None
    epoch: int = 0
    """Of the producer's log: versions count within it (`shared.bus.epoch`)."""

    @classmethod
    def of(
        cls,
        fact: Fact,
        *,
        aggregate_id: UUID,
        version: int,
        at: datetime,
        historical: bool = False,
        topic: str | None = None,
    ) -> "Event":
        """The event that announces `fact` about an aggregate in its new `version`.

        `topic` is that of the teller, for what several services tell; else the contract's.
        """
        return cls(
            type=fact.TYPE,
            topic=topic or fact.TOPIC,
            key=str(fact.partition_key() or aggregate_id),
            time=at,
            aggregate_id=aggregate_id,
            aggregate_version=version,
            data=fact.model_dump_json(),
            major=fact.MAJOR,
            historical=historical,
            traceparent=current_traceparent(),
        )

    def read(self, contract: Contract[F]) -> F:
        """The data as its contract; raises pydantic.ValidationError when it does not fit."""
        return contract.model_validate_json(self.data)

    def as_cloudevent(self, source: str) -> dict[str, object]:
        """CloudEvents 1.0 in JSON, as the event feed and webhooks give it."""
        return {
            "specversion": "1.0",
            "id": str(self.id),
            "source": source,
            "type": self.type,
            "subject": str(self.aggregate_id),
            "time": written(self.time),
            "dataschema": f"urn:crm:{self.type}:{self.major}",
            "datacontenttype": "application/json",
            "partitionkey": self.key,
            "aggregateversion": self.aggregate_version,
            "historical": self.historical,
            "sequence": self.sequence,
            "epoch": self.epoch,
            "data": orjson.Fragment(with_z(self._shown())),
        }

    def _shown(self) -> str:
        """The data without what is withheld; the log itself stays as it was written."""
        field_ = WITHHELD.get(self.type)
        if field_ is None:
            return self.data
        data = orjson.loads(self.data)
        return orjson.dumps({**data, field_: None}).decode() if data.get(field_) else self.data

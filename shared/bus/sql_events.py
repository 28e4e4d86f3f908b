"""Events that SQL itself writes: one insert from the rows of a common table, its JSON by the contract's fields.

The JSON is put together as text: that takes half the time of json_build_object, which an import feels. What each field
needs (quotes, escapes, null) follows from the contract, and a field that is missing or unknown is refused when the
statement is written.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin
from uuid import UUID

from pydantic import BaseModel

from shared.contracts.base import Fact
from shared.ids import SQL as NEW_ID
from shared.moments import SQL as SQL_MOMENT
from shared.statement import with_parts

_APPEND = """INSERT INTO event_log (event_id, topic, key, type, major, time, aggregate_id, aggregate_version,
                           historical, traceparent, data)
    SELECT {event_id}, '{topic}', ({key})::text, '{type}', {major}, {at}, {aggregate_id}, {version}, {historical},
           {traceparent}, ({data})::json
    FROM {source}"""


@dataclass(frozen=True, slots=True, kw_only=True)
class SqlEvent:
    """How an event comes from a row; everything but the contract is SQL over the columns of that row.

    `fields` says where each of the contract's fields comes from; those with a default may be left out. `begun` is a
    column with the JSON of fields that the caller has written already, without the closing brace. Raises TypeError for
    a field that the contract does not have, or that nobody gives.
    """

    contract: type[Fact]
    fields: Mapping[str, str]
    aggregate_id: str
    version: str
    at: str
    key: str = "customer_id"
    historical: str = "false"
    traceparent: str = ":traceparent"
    event_id: str = NEW_ID
    begun: str | None = None

    def __post_init__(self) -> None:
        known = self.contract.model_fields
        if strange := self.fields.keys() - known.keys():
            raise TypeError(f"{self.contract.__name__} has no {sorted(strange)}")
        needed = {name for name, field in known.items() if field.is_required()}
        if self.begun is None and (missing := needed - self.fields.keys()):
            raise TypeError(f"nobody gives {self.contract.__name__} its {sorted(missing)}")

    def append_from(self, source: str) -> str:
        """SQL that appends one such event for each row of `source`."""
        return with_parts(
            _APPEND,
            event_id=self.event_id,
            topic=self.contract.TOPIC,
            key=self.key,
            type=self.contract.TYPE,
            major=str(self.contract.MAJOR),
            at=self.at,
            aggregate_id=self.aggregate_id,
            version=self.version,
            historical=self.historical,
            traceparent=self.traceparent,
            data=_json(self.contract, self.fields, self.begun),
            source=source,
        )


def _json(contract: type[Fact], fields: Mapping[str, str], begun: str | None) -> str:
    opening = f"{begun} || ','" if begun else "'{'"
    parts = [f"'\"{name}\":' || {_value(contract.model_fields[name].annotation, sql)}" for name, sql in fields.items()]
    json = f"{opening} || " + " || ',' || ".join(parts) + " || '}'"
    return json.replace("' || '", "")  # neighbouring texts are one


def _value(annotation: Any, sql: str) -> str:
    """A field's JSON as text."""
    kind, optional = _unwrapped(annotation)
    text = _text(kind, sql)
    return f"coalesce({text}, 'null')" if optional else text


def _unwrapped(annotation: Any) -> tuple[Any, bool]:
    if get_origin(annotation) in (Union, UnionType):
        kinds = [kind for kind in get_args(annotation) if kind is not type(None)]
        return kinds[0], len(kinds) < len(get_args(annotation))
    return annotation, False


def _lists_models(kind: Any) -> bool:
    """Whether it is a list of what SQL builds as jsonb; an array of texts would not be written as JSON."""
    return get_origin(kind) is list and issubclass(get_args(kind)[0], BaseModel)


def _text(kind: Any, sql: str) -> str:
    if kind in (UUID, Decimal, date) or get_origin(kind) is Literal:  # nothing in these needs an escape
        return f"'\"' || ({sql}) || '\"'"
    if kind in (int, bool) or get_origin(kind) is dict or _lists_models(kind):  # as jsonb
        return f"({sql})::text"
    if kind is datetime:
        return SQL_MOMENT.format(moment=sql)
    if kind is str:
        return f"to_json({sql})::text"
    raise TypeError(f"how {kind} is written as JSON is not known")

"""The tables that every service's database has beside its own: log, relay, inbox, parking, audit, idempotency keys.

What the first migrations made stands in `shared.first_schema`.
"""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSON, TIMESTAMP

_TIME = TIMESTAMP(timezone=True)
_NOW = sa.text("clock_timestamp()")


KERNEL = sa.MetaData()
"""The tables, for statements that every service shares; each service has them in its own metadata as well."""

EVENT_LOG = sa.Table(
    "event_log",
    KERNEL,
    sa.Column("id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
    sa.Column("recorded_at", _TIME, primary_key=True, server_default=_NOW),
    sa.Column("sequence", sa.BigInteger),
    sa.Column("event_id", sa.Uuid, nullable=False),
    sa.Column("topic", sa.Text, nullable=False),
    sa.Column("key", sa.Text, nullable=False),
    sa.Column("type", sa.Text, nullable=False),
    sa.Column("major", sa.SmallInteger, nullable=False, server_default="1"),
    sa.Column("time", _TIME, nullable=False),
    sa.Column("aggregate_id", sa.Uuid, nullable=False),
    sa.Column("aggregate_version", sa.Integer, nullable=False),
    sa.Column("historical", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("traceparent", sa.Text),
    sa.Column("data", JSON, nullable=False),
    sa.Index("event_log_unpublished", "id", postgresql_where=sa.text("sequence IS NULL")),
    sa.Index("event_log_sequence", "sequence", postgresql_where=sa.text("sequence IS NOT NULL")),
    postgresql_partition_by="RANGE (recorded_at)",
)
RELAY = sa.Table(
    "relay",
    KERNEL,
    sa.Column("one", sa.Boolean, sa.CheckConstraint("one"), primary_key=True, server_default=sa.true()),
    sa.Column("holder", sa.Uuid),
    sa.Column("held_until", _TIME),
    sa.Column("last_sequence", sa.BigInteger, nullable=False, server_default="0"),
)
LOG_EPOCH = sa.Table(
    "log_epoch",
    KERNEL,
    sa.Column("epoch", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("goes_on_after", sa.BigInteger, nullable=False),
    sa.Column("began_at", _TIME, nullable=False, server_default=_NOW),
)
INBOX = sa.Table(
    "inbox",
    KERNEL,
    sa.Column("consumer", sa.Text, primary_key=True),
    sa.Column("event_id", sa.Uuid, primary_key=True),
    sa.Column("topic", sa.Text, nullable=False),
    sa.Column("aggregate_id", sa.Uuid, nullable=False),
    sa.Column("aggregate_version", sa.Integer, nullable=False),
    sa.Column("epoch", sa.Integer, nullable=False, server_default="0"),
    sa.Index(
        "inbox_aggregate",
        "consumer",
        "aggregate_id",
        "topic",
        sa.text("aggregate_version DESC"),
    ),
)
CONSUMER_POSITION = sa.Table(
    "consumer_position",
    KERNEL,
    sa.Column("consumer", sa.Text, primary_key=True),
    sa.Column("topic", sa.Text, primary_key=True),
    sa.Column("position", sa.BigInteger, nullable=False, server_default="0"),
)
CONSUMER_GENERATION = sa.Table(
    "consumer_generation",
    KERNEL,
    sa.Column("consumer", sa.Text, primary_key=True),
    sa.Column("generation", sa.Integer, nullable=False, server_default="0"),
)
PARKED_EVENT = sa.Table(
    "parked_event",
    KERNEL,
    sa.Column("id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
    sa.Column("consumer", sa.Text, nullable=False),
    sa.Column("key", sa.Text, nullable=False),
    sa.Column("event_id", sa.Uuid),
    sa.Column("type", sa.Text),
    sa.Column("topic", sa.Text, nullable=False),
    sa.Column("partition", sa.Integer, nullable=False),
    sa.Column("position", sa.BigInteger, nullable=False),
    sa.Column("headers", JSON, nullable=False),
    sa.Column("body", sa.LargeBinary),
    sa.Column("error", sa.Text, nullable=False),
    sa.Column("parked_at", _TIME, nullable=False, server_default=_NOW),
    sa.Column("replayed_at", _TIME),
    sa.Column("replayed_by", sa.Text),
    sa.Column("discarded_at", _TIME),
    sa.Index(
        "parked_event_waiting",
        "consumer",
        "key",
        "id",
        postgresql_where=sa.text("replayed_at IS NULL"),
    ),
    sa.Index(
        "parked_event_discarded",
        "consumer",
        "position",
        postgresql_where=sa.text("discarded_at IS NOT NULL"),
    ),
)
PARKING_ENTRY = sa.Table(
    "parking_entry",
    KERNEL,
    sa.Column("id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
    sa.Column("made_at", _TIME, nullable=False, server_default=_NOW),
    sa.Column("made_by", sa.Text, nullable=False),
    sa.Column("what", sa.Text, nullable=False),
    sa.Column("consumer", sa.Text, nullable=False),
    sa.Column("reason", sa.Text),
    sa.Column("events", sa.Integer, nullable=False),
    sa.Column("event_ids", ARRAY(sa.Uuid), nullable=False),
)
AUDIT_ENTRY = sa.Table(
    "audit_entry",
    KERNEL,
    sa.Column("id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
    sa.Column("made_at", _TIME, nullable=False, server_default=_NOW),
    sa.Column("made_by", sa.Uuid, nullable=False),
    sa.Column("what", sa.Text, nullable=False),
    sa.Column("subject", sa.Uuid),
    sa.Column("digest", sa.LargeBinary),
    sa.Column("purpose", sa.Text),
    sa.Index("audit_entry_subject", "subject", "id"),
)
AUDIT_LINK = sa.Table(
    "audit_link",
    KERNEL,
    sa.Column("position", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("entry_id", sa.BigInteger, nullable=False, unique=True),
    sa.Column("hash", sa.LargeBinary, nullable=False),
    sa.Column("made_at", _TIME, nullable=False, server_default=_NOW),
)
AUDIT_WAITING = sa.Table(
    "audit_waiting",
    KERNEL,
    sa.Column("entry_id", sa.BigInteger, primary_key=True, autoincrement=False),
)
"""Entries without a link; a trigger puts them here when they are entered."""
IDEMPOTENCY_KEY = sa.Table(
    "idempotency_key",
    KERNEL,
    sa.Column("caller", sa.Text, primary_key=True),
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("operation", sa.Text, nullable=False),
    sa.Column("fingerprint", sa.LargeBinary, nullable=False),
    sa.Column("status", sa.SmallInteger),
    sa.Column("answer", sa.LargeBinary),
    sa.Column("resource_id", sa.Uuid),
    sa.Column("created_at", _TIME, nullable=False, server_default=_NOW),
    sa.Index("idempotency_key_age", "created_at"),
)

"""The tables that every service's database has beside its own: event log, relay, inbox, parking, idempotency keys.

`add_kernel_tables` puts them into a service's metadata; `CREATE_KERNEL` is what its first migration executes.
"""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSON, TIMESTAMP

_TIME = TIMESTAMP(timezone=True)
_NOW = sa.text("clock_timestamp()")


def add_kernel_tables(metadata: sa.MetaData) -> None:
    """Adds the kernel's tables to a service's metadata (its own registry, because names repeat between services)."""
    sa.Table(
        "event_log",
        metadata,
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
    sa.Table(
        "relay",
        metadata,
        sa.Column("one", sa.Boolean, sa.CheckConstraint("one"), primary_key=True, server_default=sa.true()),
        sa.Column("holder", sa.Uuid),
        sa.Column("held_until", _TIME),
        sa.Column("last_sequence", sa.BigInteger, nullable=False, server_default="0"),
    )
    sa.Table(
        "inbox",
        metadata,
        sa.Column("consumer", sa.Text, primary_key=True),
        sa.Column("event_id", sa.Uuid, primary_key=True),
        sa.Column("topic", sa.Text, nullable=False),
        sa.Column("aggregate_id", sa.Uuid, nullable=False),
        sa.Column("aggregate_version", sa.Integer, nullable=False),
        sa.Index(
            "inbox_aggregate",
            "consumer",
            "aggregate_id",
            "topic",
            sa.text("aggregate_version DESC"),
        ),
    )
    sa.Table(
        "consumer_position",
        metadata,
        sa.Column("consumer", sa.Text, primary_key=True),
        sa.Column("topic", sa.Text, primary_key=True),
        sa.Column("position", sa.BigInteger, nullable=False, server_default="0"),
    )
    sa.Table(
        "consumer_generation",
        metadata,
        sa.Column("consumer", sa.Text, primary_key=True),
        sa.Column("generation", sa.Integer, nullable=False, server_default="0"),
    )
    sa.Table(
        "parked_event",
        metadata,
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
        sa.UniqueConstraint("consumer", "topic", "partition", "position", name="parked_event_once"),
        sa.Index(
            "parked_event_waiting",
            "consumer",
            "key",
            "id",
            postgresql_where=sa.text("replayed_at IS NULL"),
        ),
    )
    sa.Table(
        "idempotency_key",
        metadata,
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


CREATE_KERNEL: tuple[str, ...] = (
    """
    CREATE TABLE event_log (
        id bigint GENERATED ALWAYS AS IDENTITY,
        recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        sequence bigint,
        event_id uuid NOT NULL,
        topic text NOT NULL,
        key text NOT NULL,
        type text NOT NULL,
        major smallint NOT NULL DEFAULT 1,
        time timestamptz NOT NULL,
        aggregate_id uuid NOT NULL,
        aggregate_version integer NOT NULL,
        historical boolean NOT NULL DEFAULT false,
        traceparent text,
        data json NOT NULL,
        PRIMARY KEY (id, recorded_at)
    ) PARTITION BY RANGE (recorded_at)
    """,
    "CREATE INDEX event_log_unpublished ON event_log (id) WHERE sequence IS NULL",
    "CREATE INDEX event_log_sequence ON event_log (sequence) WHERE sequence IS NOT NULL",
    "CREATE TABLE event_log_rest PARTITION OF event_log DEFAULT",
    """
    CREATE TABLE relay (
        one boolean PRIMARY KEY DEFAULT true CHECK (one),
        holder uuid,
        held_until timestamptz,
        last_sequence bigint NOT NULL DEFAULT 0
    )
    """,
    "INSERT INTO relay DEFAULT VALUES",
    """
    CREATE TABLE inbox (
        consumer text NOT NULL,
        event_id uuid NOT NULL,
        topic text NOT NULL,
        aggregate_id uuid NOT NULL,
        aggregate_version integer NOT NULL,
        PRIMARY KEY (consumer, event_id)
    )
    """,
    "CREATE INDEX inbox_aggregate ON inbox (consumer, aggregate_id, topic, aggregate_version DESC)",
    """
    CREATE TABLE consumer_position (
        consumer text NOT NULL,
        topic text NOT NULL,
        position bigint NOT NULL DEFAULT 0,
        PRIMARY KEY (consumer, topic)
    )
    """,
    """
    CREATE TABLE consumer_generation (
        consumer text PRIMARY KEY,
        generation integer NOT NULL DEFAULT 0
    )
    """,
    """
    CREATE TABLE parked_event (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        consumer text NOT NULL,
        key text NOT NULL,
        event_id uuid,
        type text,
        topic text NOT NULL,
        partition integer NOT NULL,
        position bigint NOT NULL,
        headers json NOT NULL,
        body bytea,
        error text NOT NULL,
        parked_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        replayed_at timestamptz,
        replayed_by text,
        CONSTRAINT parked_event_once UNIQUE (consumer, topic, partition, position)
    )
    """,
    "CREATE INDEX parked_event_waiting ON parked_event (consumer, key, id) WHERE replayed_at IS NULL",
    """
    CREATE TABLE idempotency_key (
        caller text NOT NULL,
        key text NOT NULL,
        operation text NOT NULL,
        fingerprint bytea NOT NULL,
        status smallint,
        answer bytea,
        resource_id uuid,
        created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        PRIMARY KEY (caller, key)
    )
    """,
    "CREATE INDEX idempotency_key_age ON idempotency_key (created_at)",
)

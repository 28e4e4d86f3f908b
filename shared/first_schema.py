"""The kernel's and the directory's tables as the first migrations made them.

Frozen: what changes them is a migration of its own. How they stand now says `shared.kernel_schema` and
`shared.directory_schema`.
"""

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

CREATE_DIRECTORY: tuple[str, ...] = (
    """
    CREATE TABLE directory_staff (
        id uuid PRIMARY KEY,
        name text NOT NULL,
        role text NOT NULL,
        department_id uuid,
        supervisor_id uuid,
        channel text NOT NULL,
        address text,
        language text NOT NULL,
        active boolean NOT NULL,
        successor_id uuid
    )
    """,
    "CREATE INDEX directory_staff_role ON directory_staff (role) WHERE active",
    "CREATE TABLE directory_department (id uuid PRIMARY KEY, name text NOT NULL, manager_id uuid)",
    """
    CREATE TABLE directory_name (
        id uuid PRIMARY KEY,
        kind text NOT NULL,
        name text NOT NULL,
        detail text
    )
    """,
)

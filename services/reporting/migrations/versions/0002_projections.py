"""Projections: customer 360, complaints per round, closed months, touches; and the live stream."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE customer (
            id uuid PRIMARY KEY,
            kind varchar,
            external_no varchar,
            region_id uuid,
            tier varchar,
            tier_since timestamptz,
            registered_at timestamptz,
            team jsonb NOT NULL DEFAULT '{}',
            purchases integer NOT NULL DEFAULT 0,
            returns integer NOT NULL DEFAULT 0,
            purchased numeric(16, 2) NOT NULL DEFAULT 0,
            first_purchase_at timestamptz,
            last_purchase_at timestamptz
        ) WITH (fillfactor = 80)
        """
    )
    op.execute(
        """
        CREATE TABLE timeline (
            customer_id uuid NOT NULL,
            at timestamptz NOT NULL,
            event_id uuid NOT NULL,
            type varchar NOT NULL,
            amount numeric(12, 2),
            data json NOT NULL,
            PRIMARY KEY (customer_id, at, event_id)
        )
        """
    )
    op.execute(
        """
        CREATE TABLE complaint (
            id uuid PRIMARY KEY,
            customer_id uuid,
            number varchar,
            kind varchar,
            subject varchar,
            against_type varchar,
            against_id uuid,
            channel varchar,
            tier varchar,
            responsible_id uuid,
            taken_over boolean NOT NULL DEFAULT false,
            opened_at timestamptz,
            state varchar NOT NULL DEFAULT 'open',
            round integer NOT NULL DEFAULT 1,
            escalation_level integer NOT NULL DEFAULT 0
        )
        """
    )
    op.execute("CREATE INDEX complaint_customer ON complaint (customer_id, opened_at)")
    op.execute(
        """
        CREATE TABLE complaint_round (
            complaint_id uuid NOT NULL,
            round integer NOT NULL,
            month varchar,
            began_at timestamptz,
            due_at timestamptz,
            breached_at timestamptz,
            stopped_at timestamptz,
            in_time boolean,
            PRIMARY KEY (complaint_id, round)
        )
        """
    )
    op.execute("CREATE INDEX complaint_round_month ON complaint_round (month)")
    op.execute(
        """
        CREATE TABLE closed_month (
            month varchar PRIMARY KEY,
            revision integer NOT NULL,
            closed_at timestamptz NOT NULL,
            tiers jsonb NOT NULL,
            moves jsonb NOT NULL
        )
        """
    )
    op.execute(
        """
        CREATE TABLE touch (
            id uuid PRIMARY KEY,
            customer_id uuid,
            kind varchar NOT NULL,
            role varchar NOT NULL,
            contact varchar NOT NULL,
            assignee_id uuid,
            state varchar NOT NULL,
            month varchar NOT NULL,
            not_before timestamptz,
            due_at timestamptz NOT NULL,
            done_at timestamptz,
            missed_at timestamptz,
            minutes integer
        )
        """
    )
    op.execute("CREATE INDEX touch_customer ON touch (customer_id, due_at)")
    op.execute("CREATE INDEX touch_month ON touch (month, kind)")
    op.execute(
        """
        CREATE TABLE live_event (
            id bigint PRIMARY KEY,
            event_id uuid NOT NULL UNIQUE,
            type varchar NOT NULL,
            at timestamptz NOT NULL,
            data json NOT NULL
        )
        """
    )
    op.execute(
        """
        CREATE TABLE live_stream (
            one boolean PRIMARY KEY DEFAULT true CHECK (one),
            last_id bigint NOT NULL DEFAULT 0,
            trimmed_to bigint NOT NULL DEFAULT 0,
            newest_trimmed uuid
        )
        """
    )
    op.execute("INSERT INTO live_stream DEFAULT VALUES")
    op.execute("INSERT INTO consumer_generation (consumer) VALUES ('reporting')")


def downgrade() -> None:
    op.execute("DELETE FROM consumer_generation WHERE consumer = 'reporting'")
    op.execute(
        "DROP TABLE customer, timeline, complaint, complaint_round, closed_month, touch, live_event, live_stream"
    )

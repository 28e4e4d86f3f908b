"""Cases with their clocks, policies, pauses, breaches, rounds, history, steps and satisfaction."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

CREATE = (
    "CREATE SEQUENCE complaint_number CACHE 1",
    """
    CREATE TABLE complaint (
        id uuid PRIMARY KEY,
        number text NOT NULL,
        customer_id uuid,
        kind text NOT NULL,
        subject text NOT NULL,
        channel text NOT NULL,
        against_type text,
        against_id uuid,
        purchase_id uuid,
        happened_at timestamptz,
        recorded_at timestamptz NOT NULL,
        registered_at timestamptz NOT NULL,
        recorded_by uuid NOT NULL,
        taken_over boolean NOT NULL,
        words bytea NOT NULL,
        opened_rank smallint NOT NULL,
        opened_due_at timestamptz NOT NULL,
        state text NOT NULL,
        tier_rank smallint NOT NULL,
        responsible_id uuid,
        moved_at timestamptz NOT NULL,
        answered_at timestamptz,
        resolved_at timestamptz,
        closed_at timestamptz,
        version integer NOT NULL,
        round smallint NOT NULL,
        policy_version integer NOT NULL,
        started_at timestamptz NOT NULL,
        answer_seconds integer NOT NULL,
        due_at timestamptz,
        queue_at timestamptz NOT NULL,
        next_alarm_at timestamptz,
        warned smallint NOT NULL,
        escalation_level smallint NOT NULL,
        breached_at timestamptz,
        stopped_at timestamptz,
        CONSTRAINT complaint_tier_rank CHECK (tier_rank BETWEEN 1 AND 5),
        CONSTRAINT complaint_state_known CHECK (state IN ('open', 'answered', 'resolved', 'closed'))
    )
    """,
    "CREATE UNIQUE INDEX complaint_number_once ON complaint (number)",
    "CREATE INDEX complaint_customer ON complaint (customer_id, id) WHERE customer_id IS NOT NULL",
    "CREATE INDEX complaint_unfinished ON complaint (state, id) WHERE state <> 'closed'",
    "CREATE INDEX complaint_queue ON complaint (tier_rank, queue_at, id) WHERE state = 'open'",
    "CREATE INDEX complaint_alarm ON complaint (next_alarm_at) WHERE next_alarm_at IS NOT NULL",
    """
    CREATE TABLE customer_ref (
        id uuid PRIMARY KEY,
        tier_rank smallint,
        specialist_id uuid,
        team uuid[] NOT NULL
    )
    """,
    """
    CREATE TABLE subject (
        code text PRIMARY KEY,
        name_en text NOT NULL,
        name_zh text NOT NULL,
        active boolean NOT NULL
    )
    """,
    """
    INSERT INTO subject (code, name_en, name_zh, active) VALUES
        ('product', 'Product', '产品', true),
        ('service', 'Service', '服务', true),
        ('attitude', 'Attitude', '态度', true),
        ('after_sales', 'After-sales', '售后', true),
        ('delivery', 'Delivery', '配送', true),
        ('advertising', 'Advertising', '广告宣传', true),
        ('promise', 'Promise', '承诺', true),
        ('other', 'Other', '其他', true)
    """,
    """
    CREATE TABLE clock_policy (
        version integer PRIMARY KEY,
        id uuid NOT NULL UNIQUE,
        answer_seconds integer NOT NULL,
        tier text,
        subject text,
        calendar text NOT NULL,
        starts_at timestamptz NOT NULL,
        created_at timestamptz NOT NULL,
        created_by uuid
    )
    """,
    """
    INSERT INTO clock_policy (version, id, answer_seconds, calendar, starts_at, created_at) VALUES
        (1, '01900000-0000-7000-8000-0000000000c4', 14400, 'always', '1970-01-01Z', '1970-01-01Z')
    """,
    """
    CREATE TABLE rulebook (
        one boolean PRIMARY KEY CONSTRAINT rulebook_one CHECK (one),
        revision integer NOT NULL
    )
    """,
    "INSERT INTO rulebook (one, revision) VALUES (true, 1)",
    """
    CREATE TABLE case_entry (
        id uuid PRIMARY KEY,
        complaint_id uuid NOT NULL REFERENCES complaint (id),
        round smallint NOT NULL,
        what text NOT NULL,
        at timestamptz NOT NULL,
        entered_at timestamptz NOT NULL,
        entered_by uuid NOT NULL,
        words bytea
    )
    """,
    "CREATE INDEX case_entry_case ON case_entry (complaint_id, id)",
    """
    CREATE TABLE clock_pause (
        complaint_id uuid NOT NULL REFERENCES complaint (id),
        round smallint NOT NULL,
        started_at timestamptz NOT NULL,
        until timestamptz NOT NULL,
        ended_at timestamptz,
        entry_id uuid NOT NULL REFERENCES case_entry (id),
        PRIMARY KEY (complaint_id, round, started_at)
    )
    """,
    """
    CREATE TABLE breach (
        complaint_id uuid NOT NULL REFERENCES complaint (id),
        round smallint NOT NULL,
        level smallint NOT NULL,
        staff_id uuid,
        due_at timestamptz NOT NULL,
        noticed_at timestamptz NOT NULL,
        PRIMARY KEY (complaint_id, round, level)
    )
    """,
    """
    CREATE TABLE complaint_round (
        complaint_id uuid NOT NULL REFERENCES complaint (id),
        round smallint NOT NULL,
        policy_version integer NOT NULL,
        started_at timestamptz NOT NULL,
        answer_seconds integer NOT NULL,
        due_at timestamptz,
        stopped_at timestamptz,
        answered_at timestamptz,
        resolved_at timestamptz,
        closed_at timestamptz,
        breached_at timestamptz,
        escalation_level smallint NOT NULL,
        reopened_at timestamptz NOT NULL,
        PRIMARY KEY (complaint_id, round)
    )
    """,
    """
    CREATE TABLE case_step (
        complaint_id uuid NOT NULL REFERENCES complaint (id),
        round smallint NOT NULL,
        step text NOT NULL,
        owner_id uuid NOT NULL,
        done_at timestamptz NOT NULL,
        entry_id uuid NOT NULL REFERENCES case_entry (id),
        PRIMARY KEY (complaint_id, round, step)
    )
    """,
    """
    CREATE TABLE satisfaction (
        complaint_id uuid NOT NULL REFERENCES complaint (id),
        round smallint NOT NULL,
        perceived smallint NOT NULL,
        expected smallint NOT NULL,
        at timestamptz NOT NULL,
        entered_by uuid NOT NULL,
        PRIMARY KEY (complaint_id, round),
        CONSTRAINT satisfaction_scale CHECK (perceived BETWEEN 1 AND 10 AND expected BETWEEN 1 AND 10)
    )
    """,
)


def upgrade() -> None:
    for statement in CREATE:
        op.execute(statement)


def downgrade() -> None:
    op.execute(
        "DROP TABLE satisfaction, case_step, complaint_round, breach, clock_pause, case_entry, rulebook, clock_policy, "
        "subject, customer_ref, complaint"
    )
    op.execute("DROP SEQUENCE complaint_number")

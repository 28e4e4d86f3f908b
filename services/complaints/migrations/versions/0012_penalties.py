"""Penalties that rules propose, and what rules cost, with its first version (decision 22).

Safe on a live table: only new ones. `proposing` says from which event on rules propose: what the log told before this
is the past, though it is read from the beginning.
"""

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None
SERVES = "0009"

CREATE = (
    """
    CREATE TABLE penalty_policy (
        version integer PRIMARY KEY,
        id uuid NOT NULL UNIQUE,
        amounts jsonb NOT NULL,
        starts_at timestamptz NOT NULL,
        created_at timestamptz NOT NULL,
        created_by uuid
    )
    """,
    """
    INSERT INTO penalty_policy (version, id, amounts, starts_at, created_at) VALUES (
        1, '01900000-0000-7000-8000-0000000000d1',
        '{"unanswered": "100.00", "dissatisfied": "100.00", "repeat": "200.00", "not_executed": "200.00",
          "not_accepted": "50.00", "steps_not_followed": "50.00", "other": "50.00"}',
        '1970-01-01 00:00:00+00', now()
    )
    """,
    """
    CREATE TABLE penalty (
        id uuid PRIMARY KEY,
        version integer NOT NULL,
        complaint_id uuid NOT NULL REFERENCES complaint (id),
        round smallint NOT NULL,
        rule text NOT NULL,
        state text NOT NULL,
        amount numeric(16, 2) NOT NULL,
        rule_amount numeric(16, 2) NOT NULL,
        person_id uuid,
        department_id uuid,
        policy_version integer NOT NULL,
        month integer NOT NULL,
        at timestamptz NOT NULL,
        proposed_at timestamptz NOT NULL,
        ended_at timestamptz,
        reason text,
        CONSTRAINT penalty_bounds CHECK (amount BETWEEN 0 AND 500)
    )
    """,
    "CREATE UNIQUE INDEX penalty_once ON penalty (complaint_id, round, rule)",
    "CREATE INDEX penalty_month ON penalty (month, id)",
    "CREATE INDEX penalty_person ON penalty (person_id, id)",
    "CREATE TABLE proposing (one boolean PRIMARY KEY, since uuid NOT NULL, CONSTRAINT proposing_one CHECK (one))",
    """
    INSERT INTO proposing (one, since) SELECT true,
        (lpad(to_hex((date_part('epoch', clock_timestamp()) * 1000)::bigint), 12, '0') || '70008000000000000000')::uuid
    """,
)


def upgrade() -> None:
    for statement in CREATE:
        op.execute(statement)


def downgrade() -> None:
    for name in ("proposing", "penalty", "penalty_policy"):
        op.execute(f"DROP TABLE {name}")

"""Rewards of persons and teams, what happened to them, and what is enough for one.

Safe on a live table: only new ones, and a row among the policies, of which older code knows nothing.
"""

from alembic import op

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None
SERVES = "0009"

CREATE = (
    """
    CREATE TABLE reward (
        id uuid PRIMARY KEY,
        version integer NOT NULL,
        state text NOT NULL,
        staff_ids uuid[] NOT NULL,
        amount numeric(16, 2) NOT NULL,
        month integer NOT NULL,
        complaint_id uuid REFERENCES complaint (id),
        proposed_by uuid NOT NULL,
        proposed_at timestamptz NOT NULL,
        decided_by uuid,
        decided_at timestamptz,
        reversed_by uuid,
        reversed_at timestamptz,
        CONSTRAINT reward_bounds CHECK (amount BETWEEN 50 AND 500),
        CONSTRAINT reward_of_somebody CHECK (cardinality(staff_ids) > 0)
    )
    """,
    "CREATE INDEX reward_month ON reward (month, id)",
    "CREATE INDEX reward_staff ON reward USING gin (staff_ids)",
    """
    CREATE TABLE reward_entry (
        id uuid PRIMARY KEY,
        reward_id uuid NOT NULL REFERENCES reward (id),
        what text NOT NULL,
        at timestamptz NOT NULL,
        by uuid NOT NULL,
        amount numeric(16, 2) NOT NULL,
        words bytea NOT NULL
    )
    """,
    "CREATE INDEX reward_entry_reward ON reward_entry (reward_id, id)",
    """
    INSERT INTO case_policy (policy, version, id, definition, starts_at, created_at) VALUES
    ('rewards', 1, '01900000-0000-7000-8000-00000000f101', '{
        "amount": "100.00",
        "least_rated": 5,
        "least_rated_of_team": 20,
        "least_satisfaction": "1.00",
        "most_missed": 0,
        "most_penalties": 0
    }', '1970-01-01T00:00:00Z', '1970-01-01T00:00:00Z')
    """,
)


def upgrade() -> None:
    for statement in CREATE:
        op.execute(statement)


def downgrade() -> None:
    op.execute("DELETE FROM case_policy WHERE policy = 'rewards'")
    op.execute("DROP TABLE reward_entry")
    op.execute("DROP TABLE reward")

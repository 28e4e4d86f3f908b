"""What is given in cases, and who may settle how much.

Safe on a live table: the table is new, and the policy is a row of its own.
"""

from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None
SERVES = "0009"


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE compensation (
            id uuid PRIMARY KEY,
            complaint_id uuid NOT NULL REFERENCES complaint,
            round smallint NOT NULL,
            kind text NOT NULL,
            cost numeric(16, 2) NOT NULL CONSTRAINT compensation_cost CHECK (cost >= 0),
            state text NOT NULL CONSTRAINT compensation_state
                CHECK (state IN ('awaits_approval', 'granted', 'refused', 'withdrawn')),
            asked_by uuid NOT NULL,
            asked_at timestamptz NOT NULL,
            policy_version integer NOT NULL,
            by_role text,
            by_ids uuid[],
            granted_by uuid,
            granted_at timestamptz,
            month integer,
            decided_by uuid,
            decided_at timestamptz,
            entry_id uuid NOT NULL REFERENCES case_entry
        )
        """
    )
    op.execute("CREATE INDEX compensation_case ON compensation (complaint_id, id)")
    op.execute("CREATE INDEX compensation_spent ON compensation (granted_by, month) WHERE state = 'granted'")
    op.execute("CREATE INDEX compensation_waiting ON compensation (id) WHERE state = 'awaits_approval'")
    op.execute(
        """
        INSERT INTO case_policy (policy, version, id, definition, starts_at, created_at) VALUES
        ('settlement_limits', 1, '01900000-0000-7000-8000-0000000000e2', '{"limits": {
            "accountable": "200.00",
            "cs_specialist": "500.00",
            "supervisor": "1000.00",
            "department_manager": "3000.00",
            "cs_manager": "5000.00",
            "general_manager": null
        }}', '1970-01-01T00:00:00Z', '1970-01-01T00:00:00Z')
        """
    )


def downgrade() -> None:
    op.execute("DELETE FROM case_policy WHERE policy = 'settlement_limits'")
    op.execute("DROP TABLE compensation")

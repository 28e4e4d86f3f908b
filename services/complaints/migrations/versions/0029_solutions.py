"""Solutions as they were proposed, and which need another person's word.

Safe on a live table: the table is new, and the policy is a row of its own. What was proposed before has no solution here
and needs nobody's word.
"""

from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None
SERVES = "0009"


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE solution (
            entry_id uuid PRIMARY KEY REFERENCES case_entry,
            complaint_id uuid NOT NULL REFERENCES complaint,
            round smallint NOT NULL,
            attempt smallint NOT NULL,
            author_id uuid NOT NULL,
            owner_id uuid NOT NULL,
            proposed_at timestamptz NOT NULL,
            state text NOT NULL CONSTRAINT solution_state
                CHECK (state IN ('proposed', 'awaits_approval', 'approved', 'refused')),
            policy_version integer NOT NULL,
            decided_by uuid,
            decided_at timestamptz
        )
        """
    )
    op.execute("CREATE UNIQUE INDEX solution_case ON solution (complaint_id, round, attempt)")
    op.execute(
        """
        INSERT INTO case_policy (policy, version, id, definition, starts_at, created_at) VALUES
        ('solution_approval', 1, '01900000-0000-7000-8000-0000000000e3', '{
            "required": false, "subjects": [], "tiers": [],
            "approvers": ["supervisor", "cs_manager", "general_manager"]
        }', '1970-01-01T00:00:00Z', '1970-01-01T00:00:00Z')
        """
    )


def downgrade() -> None:
    op.execute("DELETE FROM case_policy WHERE policy = 'solution_approval'")
    op.execute("DROP TABLE solution")

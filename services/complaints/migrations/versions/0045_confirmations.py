"""Promises outside the rules are confirmed or denied, how long there is to reach an understanding, and what it costs where
they did not hold: internal cases, notices of fault, costs.

Safe on a live table: nullable columns, a check that null passes, an index over the few promises that customers insist on,
new tables, a sequence, and a row in the policies, of which older code knows nothing.
"""

from alembic import op

revision = "0045"
down_revision = "0044"
branch_labels = None
depends_on = None
SERVES = "0009"

CREATE = (
    """
    CREATE TABLE internal_case (
        complaint_id uuid PRIMARY KEY REFERENCES complaint (id),
        type text NOT NULL,
        department_id uuid,
        commitment_id uuid REFERENCES commitment (id),
        CONSTRAINT internal_case_type CHECK (type IN ('process', 'service', 'fault', 'other'))
    )
    """,
    "CREATE UNIQUE INDEX internal_case_commitment ON internal_case (commitment_id) WHERE commitment_id IS NOT NULL",
    "CREATE SEQUENCE fault_notice_number",
    """
    CREATE TABLE fault_notice (
        internal_id uuid PRIMARY KEY REFERENCES complaint (id),
        number text NOT NULL UNIQUE,
        commitment_id uuid NOT NULL UNIQUE REFERENCES commitment (id),
        complaint_id uuid,
        to_id uuid NOT NULL,
        issued_at timestamptz NOT NULL,
        version integer NOT NULL
    )
    """,
    """
    CREATE TABLE fault_cost (
        id uuid PRIMARY KEY,
        internal_id uuid NOT NULL REFERENCES fault_notice (internal_id),
        amount numeric(16, 2) NOT NULL,
        decided_at timestamptz NOT NULL,
        decided_by uuid NOT NULL,
        booking_id uuid NOT NULL REFERENCES booking (id),
        words bytea NOT NULL,
        reversed_at timestamptz,
        reversed_by uuid,
        reversal_words bytea,
        CONSTRAINT fault_cost_amount CHECK (amount > 0)
    )
    """,
    "CREATE INDEX fault_cost_case ON fault_cost (internal_id, id)",
    "CREATE UNIQUE INDEX fault_cost_standing_once ON fault_cost (internal_id) WHERE reversed_at IS NULL",
)


def upgrade() -> None:
    op.execute(
        """
        ALTER TABLE commitment
            ADD COLUMN confirmation text,
            ADD COLUMN understanding_due_at timestamptz,
            ADD COLUMN supervisor_id uuid,
            ADD CONSTRAINT commitment_confirmation CHECK (
                confirmation IN ('asked', 'confirmed', 'denied', 'insisted', 'reached', 'failed'))
        """
    )
    op.execute(
        "CREATE INDEX commitment_understanding ON commitment (understanding_due_at) WHERE confirmation = 'insisted'"
    )
    op.execute(
        """
        CREATE TABLE confirmation_entry (
            id uuid PRIMARY KEY,
            commitment_id uuid NOT NULL REFERENCES commitment (id),
            what text NOT NULL,
            at timestamptz NOT NULL,
            by uuid,
            words bytea,
            CONSTRAINT confirmation_entry_what CHECK (
                what IN ('confirmed', 'denied', 'insisted', 'reached', 'failed'))
        )
        """
    )
    op.execute("CREATE INDEX confirmation_entry_commitment ON confirmation_entry (commitment_id, id)")
    op.execute(
        """
        INSERT INTO case_policy (policy, version, id, definition, starts_at, created_at) VALUES
        ('understandings', 1, '01900000-0000-7000-8000-00000000c0e1', '{"days": 2, "calendar": "working_hours"}',
         '1970-01-01T00:00:00Z', '1970-01-01T00:00:00Z')
        """
    )
    for statement in CREATE:
        op.execute(statement)


def downgrade() -> None:
    for name in ("fault_cost", "fault_notice"):
        op.execute(f"DROP TABLE {name}")
    op.execute("DROP SEQUENCE fault_notice_number")
    op.execute("DROP TABLE internal_case")
    op.execute("DELETE FROM case_policy WHERE policy = 'understandings'")
    op.execute("DROP TABLE confirmation_entry")
    op.execute("DROP INDEX commitment_understanding")
    op.execute(
        """
        ALTER TABLE commitment
            DROP CONSTRAINT commitment_confirmation,
            DROP COLUMN supervisor_id,
            DROP COLUMN understanding_due_at,
            DROP COLUMN confirmation
        """
    )

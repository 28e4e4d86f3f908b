"""Who was erased, and what confirmed it; the archive and the owners say that nothing of a person comes back.

Safe on a live table: new tables, and columns that may be null, which are added in a moment. A release before
shows who was erased as somebody without a name, and would let a change of the archive through.
"""

from alembic import op

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None
SERVES = "0013"


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE erasure (
            id uuid PRIMARY KEY,
            person_id uuid NOT NULL CONSTRAINT erasure_once UNIQUE,
            kind text NOT NULL CONSTRAINT erasure_kind CHECK (kind IN ('customer', 'owner', 'contact', 'complainant')),
            customer_id uuid,
            asked_at timestamptz NOT NULL,
            asked_by uuid NOT NULL,
            words bytea NOT NULL,
            removed jsonb NOT NULL,
            told_after bigint NOT NULL,
            completed_at timestamptz,
            certificate jsonb
        )
        """
    )
    op.execute("CREATE INDEX erasure_waiting ON erasure (id) WHERE completed_at IS NULL")
    op.execute(
        """
        CREATE TABLE erasure_confirmation (
            erasure_id uuid NOT NULL,
            service text NOT NULL,
            at timestamptz NOT NULL,
            removed jsonb NOT NULL,
            PRIMARY KEY (erasure_id, service)
        )
        """
    )
    op.execute("ALTER TABLE archive ADD COLUMN erased_at timestamptz")
    op.execute("ALTER TABLE owner ADD COLUMN erased_at timestamptz")


def downgrade() -> None:
    op.execute("ALTER TABLE owner DROP COLUMN erased_at")
    op.execute("ALTER TABLE archive DROP COLUMN erased_at")
    op.execute("DROP TABLE erasure_confirmation, erasure")

"""Print jobs: replies on paper, many at a time, set in parts.

Safe on a live database: new tables and a nullable column, of which older code knows nothing.
"""

from alembic import op

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None
SERVES = "0009"


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE print_job (
            id uuid PRIMARY KEY,
            state text NOT NULL,
            total integer NOT NULL,
            done integer NOT NULL DEFAULT 0,
            asked_at timestamptz NOT NULL,
            asked_by uuid NOT NULL,
            ended_at timestamptz
        )
        """
    )
    op.execute("CREATE INDEX print_job_asked ON print_job (asked_at)")
    op.execute(
        """
        CREATE TABLE print_part (
            job_id uuid NOT NULL,
            part smallint NOT NULL,
            letters uuid[] NOT NULL,
            sealed bytea,
            tries smallint NOT NULL DEFAULT 0,
            lease_until timestamptz,
            lease_holder uuid,
            PRIMARY KEY (job_id, part)
        )
        """
    )
    op.execute("CREATE INDEX print_part_open ON print_part (job_id, part) WHERE sealed IS NULL AND tries < 3")
    op.execute("ALTER TABLE reply_letter ADD COLUMN print_job_id uuid")


def downgrade() -> None:
    op.execute("ALTER TABLE reply_letter DROP COLUMN print_job_id")
    op.execute("DROP TABLE print_part")
    op.execute("DROP TABLE print_job")

"""How complete each archive is, and when somebody last cared for it.

Safe on a live table: new ones, which the worker fills for whom older releases registered.
"""

from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None
SERVES = "0013"


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE archive_standing (
            customer_id uuid PRIMARY KEY REFERENCES customer (id),
            version smallint NOT NULL,
            bits integer NOT NULL,
            basic smallint NOT NULL,
            traits smallint NOT NULL,
            relations smallint NOT NULL,
            finance smallint NOT NULL,
            total smallint NOT NULL,
            active_at timestamptz NOT NULL
        )
        """
    )
    op.execute("CREATE INDEX archive_standing_total ON archive_standing (total, customer_id)")
    op.execute("CREATE INDEX archive_standing_active ON archive_standing (active_at, customer_id)")
    op.execute("CREATE TABLE archive_standing_reached (version integer PRIMARY KEY, customer_id uuid NOT NULL)")


def downgrade() -> None:
    op.execute("DROP TABLE archive_standing, archive_standing_reached")

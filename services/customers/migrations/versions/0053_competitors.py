"""Competitors, what was seen of them in stores, and who is said to order elsewhere.

Safe on a live table: they are new.
"""

from alembic import op

revision = "0053"
down_revision = "0052"
branch_labels = None
depends_on = None
SERVES = "0013"


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE competitor (
            id uuid PRIMARY KEY,
            version integer NOT NULL,
            name text NOT NULL,
            brands text[] NOT NULL,
            words bytea NOT NULL,
            entered_at timestamptz NOT NULL,
            entered_by uuid NOT NULL
        )
        """
    )
    op.execute("CREATE UNIQUE INDEX competitor_name ON competitor (lower(name))")
    op.execute(
        """
        CREATE TABLE competitor_sighting (
            id uuid PRIMARY KEY,
            competitor_id uuid NOT NULL REFERENCES competitor (id),
            customer_id uuid NOT NULL REFERENCES customer (id),
            brand text NOT NULL,
            price numeric(16, 2),
            words bytea,
            seen_on date NOT NULL,
            touch_id uuid,
            seen_by uuid NOT NULL,
            entered_at timestamptz NOT NULL,
            entered_by uuid NOT NULL
        )
        """
    )
    op.execute("CREATE INDEX competitor_sighting_competitor ON competitor_sighting (competitor_id, id)")
    op.execute("CREATE INDEX competitor_sighting_customer ON competitor_sighting (customer_id, id)")
    op.execute(
        """
        CREATE TABLE elsewhere_report (
            id uuid PRIMARY KEY,
            customer_id uuid NOT NULL REFERENCES customer (id),
            competitor_id uuid REFERENCES competitor (id),
            told_on date NOT NULL,
            words bytea,
            touch_id uuid,
            reported_at timestamptz NOT NULL,
            reported_by uuid NOT NULL
        )
        """
    )
    op.execute("CREATE INDEX elsewhere_report_customer ON elsewhere_report (customer_id, id)")
    op.execute("CREATE INDEX elsewhere_report_day ON elsewhere_report (told_on)")
    op.execute("CREATE INDEX elsewhere_report_competitor ON elsewhere_report (competitor_id)")


def downgrade() -> None:
    op.drop_table("elsewhere_report")
    op.drop_table("competitor_sighting")
    op.drop_table("competitor")

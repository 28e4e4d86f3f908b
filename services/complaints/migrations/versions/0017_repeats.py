"""Repeats: the how-manieth of its kind in the month a case is, and of which; and which cases can repeat each other.

Safe on a live table: columns without a default are words in the catalogue, the rest is new. Cases recorded before are
counted by the worker, which reads the log from its beginning.
"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None
SERVES = "0009"  # code before it leaves the columns alone


def upgrade() -> None:
    op.add_column("complaint", sa.Column("repeat_count", sa.SmallInteger(), nullable=True))
    op.add_column("complaint", sa.Column("repeat_of", sa.Uuid(), nullable=True))
    op.execute(
        """
        CREATE TABLE repeat_case (
            complaint_id uuid PRIMARY KEY REFERENCES complaint (id),
            subject text NOT NULL,
            party bytea NOT NULL,
            month integer NOT NULL,
            recorded_at timestamptz NOT NULL
        )
        """
    )
    op.execute("CREATE INDEX repeat_case_group ON repeat_case (party, subject, month)")


def downgrade() -> None:
    op.execute("DROP TABLE repeat_case")
    op.drop_column("complaint", "repeat_of")
    op.drop_column("complaint", "repeat_count")

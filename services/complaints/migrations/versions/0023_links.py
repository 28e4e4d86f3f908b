"""Links between cases, and whose child a case is.

Safe on a live table: a column without a default is a word in the catalogue, and its index covers the few cases that have
a parent. The table is new.
"""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None
SERVES = "0009"  # code before it leaves the column alone

CREATE = (
    """
    CREATE TABLE case_link (
        id uuid PRIMARY KEY,
        complaint_id uuid NOT NULL REFERENCES complaint (id),
        other_id uuid NOT NULL REFERENCES complaint (id),
        relation text NOT NULL,
        made_at timestamptz NOT NULL,
        made_by uuid NOT NULL,
        undone_at timestamptz,
        undone_by uuid,
        CONSTRAINT case_link_two_cases CHECK (complaint_id <> other_id)
    )
    """,
    "CREATE UNIQUE INDEX case_link_once ON case_link (complaint_id, other_id, relation) WHERE undone_at IS NULL",
    "CREATE INDEX case_link_other ON case_link (other_id)",
    "CREATE INDEX case_link_case ON case_link (complaint_id, id)",
    "CREATE INDEX complaint_parent ON complaint (parent_id) WHERE parent_id IS NOT NULL",
)


def upgrade() -> None:
    op.add_column("complaint", sa.Column("parent_id", sa.Uuid(), nullable=True))
    for statement in CREATE:
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP TABLE case_link")
    op.drop_column("complaint", "parent_id")

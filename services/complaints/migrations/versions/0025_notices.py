"""Numbered notices; a miss says who was accountable.

Safe on a live table: a new table troubles nobody, and columns without a default are words in the catalogue.
"""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None
SERVES = "0009"  # code before it leaves table and columns alone


def upgrade() -> None:
    op.execute("CREATE SEQUENCE notice_number CACHE 1")
    op.create_table(
        "notice",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("complaint_id", sa.Uuid(), nullable=False),
        sa.Column("round", sa.SmallInteger(), nullable=False),
        sa.Column("to_id", sa.Uuid(), nullable=False),
        sa.Column("deadline", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("issued_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("issued_by", sa.Uuid(), nullable=False),
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("acknowledged_at", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("acknowledged_by", sa.Uuid(), nullable=True),
        sa.Column("superseded_at", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["complaint_id"], ["complaint.id"]),
        sa.ForeignKeyConstraint(["entry_id"], ["case_entry.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("number"),
    )
    op.create_index("notice_case", "notice", ["complaint_id", "id"], unique=False)
    op.create_index(
        "notice_standing_once",
        "notice",
        ["complaint_id"],
        unique=True,
        postgresql_where=sa.text("superseded_at IS NULL"),
    )
    op.create_index("notice_to", "notice", ["to_id", "id"], unique=False)
    op.add_column("breach", sa.Column("accountable_id", sa.Uuid(), nullable=True))


def downgrade() -> None:
    op.drop_column("breach", "accountable_id")
    op.drop_index("notice_to", table_name="notice")
    op.drop_index("notice_standing_once", table_name="notice", postgresql_where=sa.text("superseded_at IS NULL"))
    op.drop_index("notice_case", table_name="notice")
    op.drop_table("notice")
    op.execute("DROP SEQUENCE notice_number")

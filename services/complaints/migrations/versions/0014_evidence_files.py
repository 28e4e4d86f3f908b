"""The files of cases: `evidence_file`.

Safe on a live table: it is a new one, which no older release knows.
"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None
SERVES = "0009"


def upgrade() -> None:
    op.create_table(
        "evidence_file",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("complaint_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("words", sa.LargeBinary(), nullable=False),
        sa.Column("added_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("added_by", sa.Uuid(), nullable=True),
        sa.Column("removed_at", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("removed_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint("state IN ('storing', 'kept', 'removing', 'removed')", name="evidence_file_state_known"),
        sa.ForeignKeyConstraint(
            ["complaint_id"],
            ["complaint.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("evidence_file_case", "evidence_file", ["complaint_id", "id"], unique=False)
    op.create_index(
        "evidence_file_unfinished",
        "evidence_file",
        ["added_at"],
        unique=False,
        postgresql_where=sa.text("state IN ('storing', 'removing')"),
    )


def downgrade() -> None:
    op.drop_index(
        "evidence_file_unfinished",
        table_name="evidence_file",
        postgresql_where=sa.text("state IN ('storing', 'removing')"),
    )
    op.drop_index("evidence_file_case", table_name="evidence_file")
    op.drop_table("evidence_file")

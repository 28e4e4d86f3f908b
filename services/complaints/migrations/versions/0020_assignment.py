"""Giving cases out: who is there, what is offered to whom, and the policy for it.

Safe on a live table: three new ones that no older release knows, and an index of open cases, which are few; building it
holds back recording for as long as the table is read once.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None
SERVES = "0009"


def upgrade() -> None:
    op.create_table(
        "assignment_policy",
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("most_open", sa.SmallInteger(), nullable=False),
        sa.Column("silent_seconds", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("version"),
    )
    op.create_table(
        "staff_presence",
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("skills", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("away_since", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("away_until", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("said_by", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint("staff_id"),
    )
    op.create_table(
        "case_offer",
        sa.Column("complaint_id", sa.Uuid(), nullable=False),
        sa.Column("round", sa.SmallInteger(), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=True),
        sa.Column("offered_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("silent_at", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("tried", postgresql.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("policy_version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["complaint_id"],
            ["complaint.id"],
        ),
        sa.PrimaryKeyConstraint("complaint_id"),
    )
    op.create_index(
        "case_offer_silent",
        "case_offer",
        ["silent_at"],
        unique=False,
        postgresql_where=sa.text("silent_at IS NOT NULL"),
    )
    op.create_index(
        "case_offer_waiting", "case_offer", ["complaint_id"], unique=False, postgresql_where=sa.text("staff_id IS NULL")
    )
    op.create_index(
        "complaint_in_hand", "complaint", ["responsible_id"], unique=False, postgresql_where=sa.text("state = 'open'")
    )


def downgrade() -> None:
    op.drop_index("complaint_in_hand", table_name="complaint", postgresql_where=sa.text("state = 'open'"))
    op.drop_index("case_offer_waiting", table_name="case_offer", postgresql_where=sa.text("staff_id IS NULL"))
    op.drop_index("case_offer_silent", table_name="case_offer", postgresql_where=sa.text("silent_at IS NOT NULL"))
    op.drop_table("case_offer")
    op.drop_table("staff_presence")
    op.drop_table("assignment_policy")

"""Customers who were merged: which, into whom, and what came from them (domain 2.1).

Safe on a live table: they are new.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0045"
down_revision = "0044"
branch_labels = None
depends_on = None
SERVES = "0013"


def upgrade() -> None:
    op.create_table(
        "customer_alias",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("into_id", sa.Uuid(), nullable=True),
        sa.Column("kept_id", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("customer_alias_kept", "customer_alias", ["kept_id"], unique=False)
    op.create_table(
        "customer_merge",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("merged_id", sa.Uuid(), nullable=False),
        sa.Column("into_id", sa.Uuid(), nullable=False),
        sa.Column("merged_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("merged_by", sa.Uuid(), nullable=False),
        sa.Column("unmerged_at", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("unmerged_by", sa.Uuid(), nullable=True),
        sa.Column("external_no", sa.Text(), nullable=True),
        sa.Column("words", sa.LargeBinary(), nullable=True),
        sa.Column("brought", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("customer_merge_into", "customer_merge", ["into_id", "id"], unique=False)
    op.create_index("customer_merge_merged", "customer_merge", ["merged_id", "id"], unique=False)
    op.create_index(
        "customer_merge_number",
        "customer_merge",
        ["external_no"],
        unique=True,
        postgresql_where=sa.text("unmerged_at IS NULL AND external_no IS NOT NULL"),
    )
    op.create_index(
        "customer_merge_standing",
        "customer_merge",
        ["merged_id"],
        unique=True,
        postgresql_where=sa.text("unmerged_at IS NULL"),
    )
    op.create_table(
        "customer_merge_aside",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("merge_id", sa.Uuid(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("content", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("copied", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["merge_id"],
            ["customer_merge.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("customer_merge_aside_of", "customer_merge_aside", ["merge_id", "place"], unique=False)
    op.create_table(
        "customer_merge_moved",
        sa.Column("merge_id", sa.Uuid(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("row_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["merge_id"],
            ["customer_merge.id"],
        ),
        sa.PrimaryKeyConstraint("merge_id", "place", "row_id"),
    )
    op.create_index("customer_merge_moved_row", "customer_merge_moved", ["row_id"], unique=False)


def downgrade() -> None:
    op.drop_index("customer_merge_moved_row", table_name="customer_merge_moved")
    op.drop_table("customer_merge_moved")
    op.drop_index("customer_merge_aside_of", table_name="customer_merge_aside")
    op.drop_table("customer_merge_aside")
    op.drop_index(
        "customer_merge_standing", table_name="customer_merge", postgresql_where=sa.text("unmerged_at IS NULL")
    )
    op.drop_index(
        "customer_merge_number",
        table_name="customer_merge",
        postgresql_where=sa.text("unmerged_at IS NULL AND external_no IS NOT NULL"),
    )
    op.drop_index("customer_merge_merged", table_name="customer_merge")
    op.drop_index("customer_merge_into", table_name="customer_merge")
    op.drop_table("customer_merge")
    op.drop_index("customer_alias_kept", table_name="customer_alias")
    op.drop_table("customer_alias")

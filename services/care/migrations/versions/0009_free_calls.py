"""Of several calls a month each may be on any day: tasks say which of the month's they are.

A column with a constant default rewrites nothing. Where customers are, the matrix gets a next version with the same
obligations, so that the planning loop gives open calls their month, batch by batch. Code of the revision before goes on
writing beside this; what it plans keeps its half of a month.
"""

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None
SERVES = "0008"


def upgrade() -> None:
    op.execute("ALTER TABLE task ADD COLUMN occurrence smallint NOT NULL DEFAULT 1")
    op.execute(
        """
        INSERT INTO obligation_matrix (version, obligations, set_at, set_by)
        SELECT version + 1, obligations, set_at, set_by FROM obligation_matrix
        WHERE EXISTS (SELECT FROM account) ORDER BY version DESC LIMIT 1
        """
    )


def downgrade() -> None:
    op.execute("ALTER TABLE task DROP COLUMN occurrence")

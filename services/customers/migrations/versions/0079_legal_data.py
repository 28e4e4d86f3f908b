"""The legal name, the licence and the credit rating of a customer; those of a person are sealed but for the rating.

Safe on a live table: columns that may be null, without a value. Older releases leave them as they are.
"""

import sqlalchemy as sa
from alembic import op

revision = "0079"
down_revision = "0078"
branch_labels = None
depends_on = None
SERVES = "0013"


def upgrade() -> None:
    op.add_column("archive", sa.Column("legal", sa.LargeBinary(), nullable=True))
    op.add_column("archive", sa.Column("legal_name", sa.Text(), nullable=True))
    op.add_column("archive", sa.Column("licence_no", sa.Text(), nullable=True))
    op.add_column("archive", sa.Column("credit_rating", sa.Text(), nullable=True))


def downgrade() -> None:
    op.drop_column("archive", "credit_rating")
    op.drop_column("archive", "licence_no")
    op.drop_column("archive", "legal_name")
    op.drop_column("archive", "legal")

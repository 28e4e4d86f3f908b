"""Why a row is bad may say where: the cell's address, or the values that are taken.

Safe on a live table: a column without a default is a word in the catalogue, and older code leaves it empty.
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("import_fault", sa.Column("detail", sa.Text(), nullable=True))


def downgrade() -> None:
    op.drop_column("import_fault", "detail")

"""Staff rows remember in which version their contact was told, since it travels sealed beside the directory.

Safe on a live table: a column without a default is a word in the catalogue, and older code leaves it as it is; whom that
code enters or changes is told of by the next look of the new one.
"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None
SERVES = "0013"


def upgrade() -> None:
    op.add_column("staff", sa.Column("contact_told", sa.Integer(), nullable=True))


def downgrade() -> None:
    op.drop_column("staff", "contact_told")

"""What cases colleagues know best: `skills` of staff.

Safe on a live table: a constant default is a word in the catalogue, and older code leaves the column as it is.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None
SERVES = "0013"


def upgrade() -> None:
    op.add_column("staff", sa.Column("skills", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False))


def downgrade() -> None:
    op.drop_column("staff", "skills")

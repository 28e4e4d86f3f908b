"""Entries of the history may be nobody's of the staff: the complainant's, or of what came about by a rule.

Safe on a live table: a word in the catalogue. Code of before cannot show a history that has such an entry, until it is
replaced.
"""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None
SERVES = "0009"


def upgrade() -> None:
    op.alter_column("case_entry", "entered_by", existing_type=sa.UUID(), nullable=True)


def downgrade() -> None:
    op.alter_column("case_entry", "entered_by", existing_type=sa.UUID(), nullable=False)

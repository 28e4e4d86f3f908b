"""How a file is read can be said and is shown; what a job keeps of a file's content is sealed.

Safe on a live table: columns without a default or with a constant one are words in the catalogue, and jobs are few.
It does not serve older code: its workers would take a newer job without the defaults, which they look for in the open.
Jobs that have ended need no defaults any more.
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None
SERVES = "0011"


def upgrade() -> None:
    op.add_column("import_job", sa.Column("sealed_defaults", sa.LargeBinary(), nullable=True))
    op.add_column("import_job", sa.Column("encoding", sa.Text(), server_default="", nullable=False))
    op.add_column("import_job", sa.Column("date_format", sa.Text(), server_default="", nullable=False))
    op.add_column("import_job", sa.Column("sheet", sa.Text(), server_default="", nullable=False))
    op.add_column("import_job", sa.Column("sheet_read", sa.Text(), nullable=True))
    op.add_column("import_job", sa.Column("preview", sa.LargeBinary(), nullable=True))
    op.add_column("import_job", sa.Column("rows_noted", sa.BigInteger(), server_default="0", nullable=False))
    op.add_column("import_job", sa.Column("rows_alike", sa.BigInteger(), server_default="0", nullable=False))
    op.execute("UPDATE import_job SET defaults = '{}' WHERE swept")
    op.create_index(
        "import_job_previewed",
        "import_job",
        ["finished_at"],
        unique=False,
        postgresql_where=sa.text("preview IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_index("import_job_previewed", table_name="import_job", postgresql_where=sa.text("preview IS NOT NULL"))
    op.drop_column("import_job", "rows_alike")
    op.drop_column("import_job", "rows_noted")
    op.drop_column("import_job", "preview")
    op.drop_column("import_job", "sheet_read")
    op.drop_column("import_job", "sheet")
    op.drop_column("import_job", "date_format")
    op.drop_column("import_job", "encoding")
    op.drop_column("import_job", "sealed_defaults")

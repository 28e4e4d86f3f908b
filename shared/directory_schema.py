"""The tables in which a service keeps what it needs of the directory (`shared.directory`)."""

import sqlalchemy as sa


def add_directory_tables(metadata: sa.MetaData) -> None:
    """Adds the directory's tables to a service's metadata."""
    sa.Table(
        "directory_staff",
        metadata,
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("department_id", sa.Uuid),
        sa.Column("supervisor_id", sa.Uuid),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("address", sa.Text),
        sa.Column("language", sa.Text, nullable=False),
        sa.Column("active", sa.Boolean, nullable=False),
        sa.Column("successor_id", sa.Uuid),
        sa.Index("directory_staff_role", "role", postgresql_where=sa.text("active")),
    )
    sa.Table(
        "directory_department",
        metadata,
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("manager_id", sa.Uuid),
    )
    sa.Table(
        "directory_name",
        metadata,
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("detail", sa.Text),
    )


DIRECTORY = sa.MetaData()
add_directory_tables(DIRECTORY)
"""The same tables for statements that every service shares."""
STAFF, DEPARTMENT, NAME = (
    DIRECTORY.tables[name] for name in ("directory_staff", "directory_department", "directory_name")
)

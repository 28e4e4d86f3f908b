"""The tables in which a service keeps what it needs of the directory (`shared.directory`)."""

import sqlalchemy as sa

CREATE_DIRECTORY: tuple[str, ...] = (
    """
    CREATE TABLE directory_staff (
        id uuid PRIMARY KEY,
        name text NOT NULL,
        role text NOT NULL,
        department_id uuid,
        supervisor_id uuid,
        channel text NOT NULL,
        address text,
        language text NOT NULL,
        active boolean NOT NULL,
        successor_id uuid
    )
    """,
    "CREATE INDEX directory_staff_role ON directory_staff (role) WHERE active",
    "CREATE TABLE directory_department (id uuid PRIMARY KEY, name text NOT NULL, manager_id uuid)",
    """
    CREATE TABLE directory_name (
        id uuid PRIMARY KEY,
        kind text NOT NULL,
        name text NOT NULL,
        detail text
    )
    """,
)


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

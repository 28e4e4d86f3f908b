"""The tables in which a service keeps what it needs of the directory (`shared.directory`)."""

import sqlalchemy as sa

DIRECTORY = sa.MetaData()
"""The tables, for statements that every service shares; each service has them in its own metadata as well."""

STAFF = sa.Table(
    "directory_staff",
    DIRECTORY,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("role", sa.Text, nullable=False),
    sa.Column("department_id", sa.Uuid),
    sa.Column("supervisor_id", sa.Uuid),
    sa.Column("channel", sa.Text, nullable=False),
    sa.Column("address", sa.Text),  # as older releases listed it; nothing writes it any more
    sa.Column("language", sa.Text, nullable=False),
    sa.Column("active", sa.Boolean, nullable=False),
    sa.Column("successor_id", sa.Uuid),
    sa.Index("directory_staff_role", "role", postgresql_where=sa.text("active")),
)
DEPARTMENT = sa.Table(
    "directory_department",
    DIRECTORY,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("manager_id", sa.Uuid),
)
NAME = sa.Table(
    "directory_name",
    DIRECTORY,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("detail", sa.Text),
)

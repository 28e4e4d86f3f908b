"""The table in which every service keeps which customers were merged into which (`shared.aliases`)."""

import sqlalchemy as sa

ALIASES = sa.MetaData()
"""The table, for statements that every service shares; each service has it in its own metadata as well."""

ALIAS = sa.Table(
    "customer_alias",
    ALIASES,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("into_id", sa.Uuid),
    sa.Column("kept_id", sa.Uuid),
    sa.Column("mark", sa.BigInteger, nullable=False, server_default="0"),
    sa.Index("customer_alias_kept", "kept_id"),
    sa.Index("customer_alias_mark", "mark"),
)

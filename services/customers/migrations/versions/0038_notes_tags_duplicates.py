"""Notes and tags of customers; by what customers are compared, and the pairs that may be one.

Safe on a live table: new ones. Customers of older releases wait to be compared from here on: a read of their ids. What stands of
archives refers to customers no more: registering looked each of them up again for it.
"""

from alembic import op

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None
SERVES = "0013"


def upgrade() -> None:
    op.execute("ALTER TABLE archive_standing DROP CONSTRAINT archive_standing_customer_id_fkey")
    op.execute(
        """
        CREATE TABLE note (
            id uuid PRIMARY KEY,
            version integer NOT NULL,
            customer_id uuid NOT NULL REFERENCES customer (id),
            written_by uuid NOT NULL,
            written_at timestamptz NOT NULL,
            changed_at timestamptz,
            sealed bytea NOT NULL
        )
        """
    )
    op.execute("CREATE INDEX note_customer ON note (customer_id, id)")
    op.execute(
        """
        CREATE TABLE tag (
            name text PRIMARY KEY,
            customers integer NOT NULL,
            CONSTRAINT tag_customers CHECK (customers >= 0)
        )
        """
    )
    op.execute(
        """
        CREATE TABLE customer_tag (
            customer_id uuid NOT NULL REFERENCES customer (id),
            tag text NOT NULL,
            tagged_by uuid NOT NULL,
            tagged_at timestamptz NOT NULL,
            PRIMARY KEY (customer_id, tag)
        )
        """
    )
    op.execute("CREATE INDEX customer_tag_tag ON customer_tag (tag, customer_id)")
    op.execute(
        """
        CREATE TABLE duplicate_key (
            reason text NOT NULL,
            key bytea NOT NULL,
            customer_id uuid NOT NULL REFERENCES customer (id),
            PRIMARY KEY (reason, key, customer_id)
        )
        """
    )
    op.execute("CREATE INDEX duplicate_key_customer ON duplicate_key (customer_id)")
    op.execute(
        """
        CREATE TABLE duplicate_due (
            id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            customer_id uuid NOT NULL
        )
        """
    )
    op.execute("INSERT INTO duplicate_due (customer_id) SELECT id FROM customer ORDER BY id")
    op.execute(
        """
        CREATE TABLE duplicate_pair (
            id uuid PRIMARY KEY,
            one_id uuid NOT NULL REFERENCES customer (id),
            other_id uuid NOT NULL REFERENCES customer (id),
            reasons text[] NOT NULL,
            found_at timestamptz NOT NULL,
            judged_at timestamptz,
            judged_by uuid,
            CONSTRAINT duplicate_pair_order CHECK (one_id < other_id)
        )
        """
    )
    op.execute("CREATE UNIQUE INDEX duplicate_pair_of ON duplicate_pair (one_id, other_id)")
    op.execute("CREATE INDEX duplicate_pair_other ON duplicate_pair (other_id)")
    op.execute("CREATE INDEX duplicate_pair_open ON duplicate_pair (id) WHERE judged_at IS NULL")


def downgrade() -> None:
    op.execute(
        "ALTER TABLE archive_standing"
        " ADD CONSTRAINT archive_standing_customer_id_fkey FOREIGN KEY (customer_id) REFERENCES customer (id) NOT VALID"
    )
    op.execute("DROP TABLE duplicate_pair, duplicate_due, duplicate_key, customer_tag, tag, note")

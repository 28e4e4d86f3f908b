"""What customers are listed by: when they were changed last, when they bought last, what their last month came to.

Safe on a live table: a new table, filled from what stands (a million customers take some ten seconds, in which nobody
waits but who changes a customer or records a purchase: the triggers are made first, so nothing is missed); two indexes of
the archive, some three seconds, in which registering waits. Older code writes what the triggers read.
"""

from alembic import op

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None
SERVES = "0013"


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE listing (
            customer_id uuid PRIMARY KEY,
            updated_at timestamptz,
            last_purchase_at timestamptz,
            month integer,
            month_sum numeric(16, 2)
        )
        """
    )
    _keep_changes()
    _keep_purchases()
    op.execute(
        """
        INSERT INTO listing (customer_id, updated_at)
        SELECT customer_id, max(at) FROM archive_change GROUP BY customer_id
        """
    )
    op.execute("SELECT listing_bought(ARRAY(SELECT DISTINCT customer_id FROM month_total))")
    op.execute("CREATE INDEX listing_updated ON listing (updated_at, customer_id) WHERE updated_at IS NOT NULL")
    op.execute(
        "CREATE INDEX listing_purchase ON listing (last_purchase_at, customer_id) WHERE last_purchase_at IS NOT NULL"
    )
    op.execute("CREATE INDEX listing_month ON listing (month, month_sum, customer_id) WHERE month IS NOT NULL")
    op.execute(
        "CREATE INDEX archive_name ON archive (coalesce(nullif(sound, ''), folded), customer_id) WHERE folded IS NOT NULL"
    )
    op.execute("CREATE INDEX archive_unnamed ON archive (customer_id) WHERE folded IS NULL")


def _keep_changes() -> None:
    op.execute(
        """
        CREATE FUNCTION listing_changed() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN
            INSERT INTO listing (customer_id, updated_at)
            SELECT customer_id, max(at) FROM kept GROUP BY customer_id ORDER BY customer_id
            ON CONFLICT (customer_id) DO UPDATE SET updated_at = greatest(listing.updated_at, EXCLUDED.updated_at);
            RETURN NULL;
        END $$
        """
    )
    op.execute(
        """
        CREATE TRIGGER listing_changed AFTER INSERT ON archive_change REFERENCING NEW TABLE AS kept
        FOR EACH STATEMENT EXECUTE FUNCTION listing_changed()
        """
    )


def _keep_purchases() -> None:
    """Sums of months change with whatever changes a purchase, and a purchase may move to another customer."""
    op.execute(
        """
        CREATE FUNCTION listing_bought(customers uuid[]) RETURNS void LANGUAGE sql AS
        $$
            INSERT INTO listing (customer_id, last_purchase_at, month, month_sum)
            SELECT c.id, p.occurred_at, m.month, m.amount
            FROM unnest(customers) AS c(id)
            LEFT JOIN LATERAL (
                SELECT occurred_at FROM purchase
                WHERE customer_id = c.id AND reversed_at IS NULL AND returns_id IS NULL
                ORDER BY occurred_at DESC, id DESC LIMIT 1
            ) AS p ON true
            LEFT JOIN LATERAL (
                SELECT month, sum(amount) AS amount FROM month_total
                WHERE customer_id = c.id GROUP BY month ORDER BY month DESC LIMIT 1
            ) AS m ON true
            ORDER BY c.id
            ON CONFLICT (customer_id) DO UPDATE
            SET last_purchase_at = EXCLUDED.last_purchase_at, month = EXCLUDED.month, month_sum = EXCLUDED.month_sum
            WHERE (listing.last_purchase_at, listing.month, listing.month_sum)
                IS DISTINCT FROM (EXCLUDED.last_purchase_at, EXCLUDED.month, EXCLUDED.month_sum)
        $$
        """
    )
    op.execute(
        """
        CREATE FUNCTION listing_total() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN
            PERFORM listing_bought(ARRAY(SELECT DISTINCT customer_id FROM kept));
            RETURN NULL;
        END $$
        """
    )
    for event, rows in (("INSERT", "NEW"), ("UPDATE", "NEW"), ("DELETE", "OLD")):
        op.execute(
            f"""
            CREATE TRIGGER listing_total_{event.lower()} AFTER {event} ON month_total REFERENCING {rows} TABLE AS kept
            FOR EACH STATEMENT EXECUTE FUNCTION listing_total()
            """
        )
    op.execute(
        """
        CREATE FUNCTION listing_moved() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN
            PERFORM listing_bought(ARRAY(
                SELECT b.customer_id FROM before b JOIN after a USING (id)
                WHERE (a.customer_id, a.occurred_at, a.reversed_at)
                    IS DISTINCT FROM (b.customer_id, b.occurred_at, b.reversed_at)
                UNION SELECT a.customer_id FROM before b JOIN after a USING (id) WHERE a.customer_id <> b.customer_id));
            RETURN NULL;
        END $$
        """
    )
    op.execute(
        """
        CREATE TRIGGER listing_moved AFTER UPDATE ON purchase REFERENCING OLD TABLE AS before NEW TABLE AS after
        FOR EACH STATEMENT EXECUTE FUNCTION listing_moved()
        """
    )


def downgrade() -> None:
    op.execute("DROP INDEX archive_unnamed, archive_name")
    op.execute("DROP TRIGGER listing_moved ON purchase")
    for event in ("insert", "update", "delete"):
        op.execute(f"DROP TRIGGER listing_total_{event} ON month_total")
    op.execute("DROP TRIGGER listing_changed ON archive_change")
    op.execute("DROP FUNCTION listing_moved, listing_total, listing_bought, listing_changed")
    op.execute("DROP TABLE listing")

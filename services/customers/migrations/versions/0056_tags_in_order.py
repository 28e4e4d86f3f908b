"""Tags are counted once a statement, in the order of their names: who sets or takes several waits for nobody in a circle.

Safe on a live table: triggers are exchanged, which takes an instant; older code writes what they read.
"""

from alembic import op

revision = "0056"
down_revision = "0055"
branch_labels = None
depends_on = None
SERVES = "0013"


def upgrade() -> None:
    op.execute(
        """
        CREATE FUNCTION count_tags_set() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            INSERT INTO tag AS t (name, customers)
            SELECT tag, count(*) FROM changed GROUP BY tag ORDER BY tag
            ON CONFLICT (name) DO UPDATE SET customers = t.customers + excluded.customers;
            RETURN NULL;
        END $$
        """
    )
    op.execute(
        """
        CREATE FUNCTION count_tags_taken() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            PERFORM FROM tag WHERE name IN (SELECT tag FROM changed) ORDER BY name FOR NO KEY UPDATE;
            UPDATE tag t SET customers = t.customers - c.customers
            FROM (SELECT tag, count(*) AS customers FROM changed GROUP BY tag) AS c WHERE t.name = c.tag;
            RETURN NULL;
        END $$
        """
    )
    op.execute("DROP TRIGGER customer_tag_counted ON customer_tag")
    op.execute("DROP FUNCTION count_tag()")
    for name, event, rows, function in (
        ("customer_tag_set", "INSERT", "NEW", "count_tags_set"),
        ("customer_tag_taken", "DELETE", "OLD", "count_tags_taken"),
    ):
        op.execute(
            f"CREATE TRIGGER {name} AFTER {event} ON customer_tag REFERENCING {rows} TABLE AS changed"
            f" FOR EACH STATEMENT EXECUTE FUNCTION {function}()"
        )


def downgrade() -> None:
    op.execute("DROP TRIGGER customer_tag_set ON customer_tag")
    op.execute("DROP TRIGGER customer_tag_taken ON customer_tag")
    op.execute("DROP FUNCTION count_tags_set()")
    op.execute("DROP FUNCTION count_tags_taken()")
    op.execute(
        """
        CREATE FUNCTION count_tag() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF TG_OP = 'INSERT' THEN
                INSERT INTO tag AS t (name, customers) VALUES (NEW.tag, 1)
                ON CONFLICT (name) DO UPDATE SET customers = t.customers + 1;
            ELSE
                UPDATE tag SET customers = customers - 1 WHERE name = OLD.tag;
            END IF;
            RETURN NULL;
        END $$
        """
    )
    op.execute(
        "CREATE TRIGGER customer_tag_counted AFTER INSERT OR DELETE ON customer_tag"
        " FOR EACH ROW EXECUTE FUNCTION count_tag()"
    )

"""What a person decides about parked events: discarded ones, and entries that nobody changes.

Safe on a live table: a column without a default and a smaller constraint are words in the catalogue, and the parking is
as good as empty. An event is parked once by its id now, not by its place: a broker gives one a second place.
"""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE parked_event DROP CONSTRAINT parked_event_once, ADD COLUMN discarded_at timestamptz")
    op.execute(
        "CREATE INDEX parked_event_discarded ON parked_event (consumer, position) WHERE discarded_at IS NOT NULL"
    )
    op.execute(
        """
        CREATE TABLE parking_entry (
            id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            made_at timestamptz NOT NULL DEFAULT clock_timestamp(),
            made_by text NOT NULL,
            what text NOT NULL,
            consumer text NOT NULL,
            reason text,
            events integer NOT NULL,
            event_ids uuid[] NOT NULL
        )
        """
    )
    op.execute(
        """
        CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN RAISE EXCEPTION '% takes inserts alone', TG_TABLE_NAME; END $$
        """
    )
    op.execute(
        """
        CREATE TRIGGER parking_entry_stands BEFORE UPDATE OR DELETE OR TRUNCATE ON parking_entry
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
        """
    )


def downgrade() -> None:
    op.execute("DROP TABLE parking_entry")
    op.execute("DROP FUNCTION refuse_change")
    op.execute("DROP INDEX parked_event_discarded")
    op.execute("DELETE FROM parked_event WHERE discarded_at IS NOT NULL")
    op.execute(
        "ALTER TABLE parked_event DROP COLUMN discarded_at,"
        " ADD CONSTRAINT parked_event_once UNIQUE (consumer, topic, partition, position)"
    )

"""The history of the archive: what was changed, by whom, when, from what to what; traits, and their kinds.

Safe on a live table: new ones. What was changed before is not known.
"""

from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None
SERVES = "0013"


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE archive_change (
            id uuid PRIMARY KEY,
            customer_id uuid NOT NULL REFERENCES customer (id),
            at timestamptz NOT NULL,
            changed_by uuid,
            field text NOT NULL,
            about uuid,
            said jsonb,
            sealed bytea,
            CONSTRAINT archive_change_open_or_sealed CHECK (said IS NULL OR sealed IS NULL)
        )
        """
    )
    op.execute("CREATE INDEX archive_change_customer ON archive_change (customer_id, id)")
    op.execute(
        """
        CREATE TABLE trait_kind (
            code text PRIMARY KEY,
            of text NOT NULL,
            type text NOT NULL,
            name_zh text NOT NULL,
            name_en text NOT NULL,
            unit text,
            added_at timestamptz NOT NULL,
            CONSTRAINT trait_kind_of CHECK (of IN ('store', 'person', 'both')),
            CONSTRAINT trait_kind_type CHECK (type IN ('text', 'number', 'yes_no', 'day'))
        )
        """
    )
    op.execute(
        """
        CREATE TABLE traits (
            customer_id uuid PRIMARY KEY REFERENCES customer (id),
            version integer NOT NULL,
            size_m2 numeric(8, 1),
            staff_count integer,
            funds numeric(16, 2),
            shelf_share numeric(5, 2),
            more jsonb NOT NULL,
            sealed bytea NOT NULL,
            changed_at timestamptz NOT NULL,
            changed_by uuid NOT NULL,
            CONSTRAINT traits_size CHECK (size_m2 > 0),
            CONSTRAINT traits_staff CHECK (staff_count >= 0),
            CONSTRAINT traits_funds CHECK (funds >= 0),
            CONSTRAINT traits_shelf_share CHECK (shelf_share BETWEEN 0 AND 100)
        )
        """
    )
    op.execute(
        """
        INSERT INTO trait_kind (code, of, type, name_zh, name_en, unit, added_at) VALUES
            ('beds', 'store', 'number', '床位', 'Beds', '张', '2026-01-01 00:00:00+00'),
            ('management', 'both', 'text', '经营方式', 'Way of managing', NULL, '2026-01-01 00:00:01+00'),
            ('occupation', 'person', 'text', '职业', 'Occupation', NULL, '2026-01-01 00:00:02+00'),
            ('income', 'person', 'text', '收入', 'Income', NULL, '2026-01-01 00:00:03+00'),
            ('education', 'person', 'text', '学历', 'Education', NULL, '2026-01-01 00:00:04+00')
        """
    )


def downgrade() -> None:
    op.execute("DROP TABLE traits, trait_kind, archive_change")

"""A database that a newer release has migrated: one real migration more than this release has."""

import asyncio
import os
from pathlib import Path

from alembic import command

from shared.migrations import configuration
from shared.revisions import newest
from shared.settings import ServiceName
from tests.architecture.source import ROOT

_MIGRATION = '''\
"""What the next release brings."""

from alembic import op

revision = "{revision}"
down_revision = "{before}"
branch_labels = None
depends_on = None
{serves}


def upgrade() -> None:
    op.execute("CREATE TABLE of_the_next_release (id integer)")


def downgrade() -> None:
    op.execute("DROP TABLE of_the_next_release")
'''


def next_of(service: ServiceName) -> str:
    """The revision that the next release brings."""
    return f"{int(newest(service)) + 1:04d}"


async def one_ahead(service: ServiceName, url: str, folder: Path, *, serves: str | None) -> str:
    """Migrates with a file of the next release, which serves code from that revision on, or says nothing (None).

    Returns the revision that it makes.
    """
    ours, revision = newest(service), next_of(service)
    said = f'SERVES = "{serves}"' if serves else ""
    folder.mkdir(exist_ok=True)
    (folder / f"{revision}_next.py").write_text(_MIGRATION.format(revision=revision, before=ours, serves=said))
    settings = configuration(service, url)
    landed = ROOT / "services" / service / "migrations" / "versions"
    settings.set_main_option("version_locations", os.pathsep.join((str(landed), str(folder))))
    await asyncio.to_thread(command.upgrade, settings, "head")
    return revision

"""Drafts a migration from the tables: `python -m deploy.development.migration care penalties`.

A throw-away database is brought to the newest migration and compared with the tables; the difference becomes the next
file, to be read and put right by whoever asked for it (safe on a live table: no long lock, no rewrite).
"""

import argparse
import asyncio
import re
import sys
import tempfile
from pathlib import Path

from alembic import command
from alembic.script import Script

from deploy.development.tidy import tidy
from deploy.embedded_postgres import EmbeddedPostgres
from shared.migrations import configuration, upgrade
from shared.revisions import newest
from shared.settings import SERVICES, ServiceName

_ALEMBICS_REMARKS = re.compile(r"^ +# ###.*\n", re.MULTILINE)


def draft(service: ServiceName, name: str) -> Path:
    """Writes the next migration of a service, named by its number and `name`; its file."""
    with (
        tempfile.TemporaryDirectory(prefix="crm-migration-") as folder,
        EmbeddedPostgres(Path(folder) / "postgresql", durable=False) as postgres,
    ):
        postgres.ensure_databases([service])
        url = postgres.socket_url(service)
        asyncio.run(upgrade(service, url))
        return _drafted(service, url, name)


def _drafted(service: ServiceName, url: str, name: str) -> Path:
    settings = configuration(service, url)
    settings.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    number = f"{int(newest(service)) + 1:04d}"
    script = command.revision(settings, message=name.replace("_", " "), autogenerate=True, rev_id=number)
    assert isinstance(script, Script)  # noqa: S101  one message makes one script
    file = Path(script.path)
    file.write_text(_ALEMBICS_REMARKS.sub("", file.read_text(encoding="utf-8")), encoding="utf-8")
    tidy([file])
    return file


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="make migration", description="a draft of the next migration")
    parser.add_argument("service", choices=SERVICES)
    parser.add_argument("name", help="what it brings, such as penalties")
    given = parser.parse_args(arguments)
    sys.stdout.write(f"drafted, now read it and put it right: {draft(given.service, given.name)}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""`crm audit` as an operator types it, on a service's own database."""

import os
import subprocess
import sys
from pathlib import Path

from shared import audit
from shared.audit_chain import AuditChain
from shared.ids import new_id
from shared.storage.folder import FolderStorage
from tests.architecture.source import ROOT
from tests.postgres import FreshDatabase
from tests.support import MASTER_KEY, OneService, one_service


def crm(care: OneService, files: Path, *arguments: str) -> tuple[int, list[str]]:
    """Exit code and the lines that it prints."""
    environment = {
        **os.environ, "CRM_DATABASE_URL_CARE": care.database.url, "CRM_MASTER_KEY": MASTER_KEY.hex(),
        "CRM_JWKS_URL": "http://127.0.0.1:1/keys", "CRM_FILES_DIRECTORY": str(files),
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-m", "crm", "audit", *arguments],
        cwd=ROOT, env=environment, check=False, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    return done.returncode, done.stdout.splitlines()


async def test_the_audit_is_verified_and_its_head_renewed(fresh_database: FreshDatabase, tmp_path: Path) -> None:
    async with one_service(fresh_database, "care") as care:
        for code in ("a", "b", "c"):
            await audit.enter(care.database, new_id(), code)
        await AuditChain("care", care.database, FolderStorage(tmp_path)).step()
        status, [line] = crm(care, tmp_path, "verify", "care")
        assert (status, line.partition(";")[0]) == (0, "care: 3 links: whole")
        assert crm(care, tmp_path, "renew", "care", "--reason", "none")[1] == [
            "care: the head that is kept outside holds; nothing is renewed"
        ]

        for table in ("audit_entry", "audit_link"):
            await care.database.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        await care.database.execute("UPDATE audit_entry SET what = 'other' WHERE id = 1")
        await care.database.execute("DELETE FROM audit_link WHERE position = 3")
        await care.database.execute("DELETE FROM audit_entry WHERE id = 3")
        assert crm(care, tmp_path, "verify", "care") == (
            1,
            [
                "care: 2 links: 2 findings",
                "  place 1, entry 1 altered: it is not what was chained",
                "  place 3 cut: the chain went on from here to the head that is kept outside",
            ],
        )

        await care.database.execute("UPDATE audit_entry SET what = 'a' WHERE id = 1")
        assert crm(care, tmp_path, "renew", "care", "--reason", "restored")[0] == 0
        status, [line] = crm(care, tmp_path, "verify", "care")
        assert status == 0
        assert line.endswith(": restored")

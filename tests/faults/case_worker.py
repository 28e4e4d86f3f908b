"""A process of complaints to be killed: `python -m tests.faults.case_worker URL FOLDER letters|CASE`.

It sends what letters are due, or adds one file after the other to a case. FOLDER holds the outbox and the files.
"""

import asyncio
import os
import sys
from pathlib import Path

from deploy.network import build_service
from shared.auth.tokens import TokenVerifier
from shared.clock import ManualClock
from shared.db import Database
from shared.http.app import create_app
from shared.runtime import Runtime
from shared.service import Service
from shared.telemetry import configure_logging
from tests.support import ISSUER, MASTER_KEY, SETTINGS, START, client_of

PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"
SIZE = 6 << 20


async def main(url: str, folder: str, what: str) -> None:
    """Works until killed."""
    database = await Database.connect(url, pool_size=4)
    places = {"outbox_directory": Path(folder, "outbox"), "files_directory": Path(folder, "files")}
    settings = SETTINGS.model_copy(update=places)
    verifier = TokenVerifier(settings, ISSUER.public_keys)
    service = build_service("complaints", Runtime(settings, database, ManualClock(START), verifier, MASTER_KEY))
    if what == "letters":
        await next(loop for loop in service.loops if loop.name == "complaints.letters").run()
    await _add_files(service, what)


async def _add_files(service: Service, case: str) -> None:
    async with client_of(create_app(service)) as http:
        while True:
            files = {"file": ("面霜.png", PNG + os.urandom(SIZE), "image/png")}
            answer = await http.post(f"/complaints/v1/complaints/{case}/files", files=files)
            assert answer.status_code == 201, answer.text


if __name__ == "__main__":
    configure_logging("ERROR")
    asyncio.run(main(*sys.argv[1:]))

"""The notes as a process of their own, with the logs of production: `python -m tests.shared.notes_server URL`.

Says its port and a token on standard output; its logs go to standard error. Ends with its standard input.
"""

import asyncio
import sys

from deploy.serving import bound, listening
from shared.db import Database
from shared.telemetry import configure_logging, configure_tracing
from tests.shared.notes import app_over
from tests.support import SETTINGS, token


async def serve(url: str) -> None:
    database = await Database.connect(url, pool_size=2)
    with bound("127.0.0.1", 0) as held:
        async with listening(app_over(database), held):
            sys.stdout.write(f"{held.getsockname()[1]} {token()}\n")
            sys.stdout.flush()
            await asyncio.to_thread(sys.stdin.read)
    await database.close()


if __name__ == "__main__":
    configure_logging("DEBUG")
    configure_tracing(SETTINGS, "notes")
    asyncio.run(serve(sys.argv[1]))

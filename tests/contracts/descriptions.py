"""The OpenAPI documents of the services, made without a database: `python -m tests.contracts.descriptions FOLDER`."""

import asyncio
import json
import sys
from functools import cache
from pathlib import Path
from typing import Any

import asyncpg
from fastapi import FastAPI

from deploy.network import build_service
from shared.auth.tokens import EmbeddedIssuer, TokenVerifier
from shared.clock import ManualClock
from shared.db import Database
from shared.http.app import create_app
from shared.runtime import Runtime
from shared.settings import SERVICES, ServiceName, Settings
from tests.support import MASTER_KEY, START

NOWHERE = "postgresql://nobody@127.0.0.1:1/nothing"


@cache
def description(service: ServiceName) -> dict[str, Any]:
    """What `/{service}/openapi.json` answers."""

    async def made() -> dict[str, Any]:
        settings = Settings()
        runtime = Runtime(
            settings,
            Database(asyncpg.create_pool(NOWHERE), NOWHERE),  # never connected
            ManualClock(START),
            TokenVerifier(settings, EmbeddedIssuer(settings).public_keys),
            MASTER_KEY,
        )
        return document_of(create_app(build_service(service, runtime)))

    return asyncio.run(made())


def document_of(app: FastAPI) -> dict[str, Any]:
    """The same as a reader gets it: JSON, and nothing of Python's."""
    document: dict[str, Any] = json.loads(json.dumps(app.openapi()))
    return document


def write_all(folder: Path) -> list[Path]:
    """Writes the four documents; returns their files."""
    folder.mkdir(parents=True, exist_ok=True)
    files = [folder / f"{service}.json" for service in SERVICES]
    for file, service in zip(files, SERVICES, strict=True):
        file.write_text(json.dumps(description(service), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return files


if __name__ == "__main__":
    write_all(Path(sys.argv[1]))

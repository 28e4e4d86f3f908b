"""The operations of a service as its OpenAPI description lists them, to be called one by one."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import httpx

from shared.ids import new_id
from shared.settings import SERVICES, ServiceName
from tests.support import OneService

ALL: tuple[ServiceName, ...] = SERVICES
METHODS = ("get", "post", "put", "patch", "delete")


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation; `path` has its parameters in braces."""

    name: str
    method: str
    path: str

    async def call(
        self, http: httpx.AsyncClient, headers: dict[str, str], query: dict[str, str] | None = None
    ) -> httpx.Response:
        """Calls it about something that does not exist, with an empty body."""
        path = re.sub(r"\{[^}]+\}", lambda _: str(new_id()), self.path)
        body: dict[str, str] | None = {} if self.method in ("post", "put", "patch") else None
        return await http.request(self.method, path, json=body, headers=headers, params=query)


def operations(service: OneService) -> Iterator[Operation]:
    """Every described operation."""
    for path, methods in service.app.openapi()["paths"].items():
        for method in METHODS:
            if method in methods:
                yield Operation(methods[method]["operationId"], method, path)

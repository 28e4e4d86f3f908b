"""Generated requests: whatever a description allows or forbids, no route breaks or answers what it has not declared."""

import asyncio
from collections.abc import Mapping
from typing import Any

import httpx
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis.generation import GenerationMode

EXAMPLES = 15


async def no_route_breaks(app: Any, http: httpx.AsyncClient, known: Mapping[str, str], mode: GenerationMode) -> int:
    """Tries every operation of an app, at times with ids that exist (`known`); returns how many there are."""
    caller = _Caller(http, known)
    operations: list[Any] = list(schemathesis.openapi.from_dict(app.openapi()).get_all_operations())
    for operation in operations:
        await asyncio.to_thread(_try, operation.ok(), mode, caller)
    return len(operations)


class _Caller:
    """Carries generated requests from hypothesis' thread to the service's loop."""

    def __init__(self, http: httpx.AsyncClient, known: Mapping[str, str]) -> None:
        self._http = http
        self._known = known
        self._loop = asyncio.get_running_loop()

    def call(self, case: Any, known: bool) -> None:
        if known:
            case.path_parameters |= {name: self._known[name] for name in case.path_parameters if name in self._known}
        request = case.as_transport_kwargs(base_url="http://test")
        answer = asyncio.run_coroutine_threadsafe(self._send(request), self._loop).result(30)
        declared = {int(status) for status in case.operation.definition.raw["responses"]}
        assert answer.status_code in declared | {405}, (request, answer.status_code, answer.text)

    async def _send(self, request: dict[str, Any]) -> httpx.Response:
        fields: dict[str, Any] = {
            name: request[name] for name in ("method", "url", "params", "json") if name in request
        }
        if isinstance(request.get("data"), bytes | str):
            fields["content"] = request["data"]
        headers = request.get("headers") or {}
        kept = {name: text for name, text in headers.items() if name.lower() not in ("authorization", "host")}
        return await self._http.request(**fields, headers=kept)


def _try(operation: Any, mode: GenerationMode, caller: _Caller) -> None:
    @settings(max_examples=EXAMPLES, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(case=operation.as_strategy(generation_mode=mode), known=st.booleans())
    def every(case: Any, known: bool) -> None:
        caller.call(case, known)

    every()

"""Requests made up from a service's own description, valid and invalid: none breaks it, no answer is undeclared."""

import asyncio
from collections.abc import Mapping
from typing import Any

import httpx
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis.generation import GenerationMode

FIELDS = ("method", "url", "params", "json", "files", "data")


class Fuzzer:
    """Carries generated requests from hypothesis' thread to the loop that the app lives on.

    `known` are path parameters of things that exist; half of the requests are about them.
    """

    def __init__(self, http: httpx.AsyncClient, known: Mapping[str, str], examples: int) -> None:
        self._http = http
        self._known = known
        self._examples = examples
        self._loop = asyncio.get_running_loop()

    async def try_all(self, app: Any, mode: GenerationMode) -> int:
        """Tries every operation of the app; returns how many there are. Fails on the first answer undeclared."""
        operations: list[Any] = list(schemathesis.openapi.from_dict(app.openapi()).get_all_operations())
        for operation in operations:
            await asyncio.to_thread(self._try, operation.ok(), mode)
        return len(operations)

    def _try(self, operation: Any, mode: GenerationMode) -> None:
        @settings(max_examples=self._examples, deadline=None, database=None, suppress_health_check=list(HealthCheck))
        @given(case=operation.as_strategy(generation_mode=mode), known=st.booleans())
        def every(case: Any, known: bool) -> None:
            self._call(case, known)

        every()

    def _call(self, case: Any, known: bool) -> None:
        if known:
            case.path_parameters |= {name: self._known[name] for name in case.path_parameters if name in self._known}
        request = case.as_transport_kwargs(base_url="http://test")
        answer = asyncio.run_coroutine_threadsafe(self._send(request), self._loop).result(60)
        declared = {int(status) for status in case.operation.definition.raw["responses"]}
        assert answer.status_code in declared | {405}, (request, answer.status_code, answer.text)

    async def _send(self, request: dict[str, Any]) -> httpx.Response:
        fields: dict[str, Any] = {name: request[name] for name in FIELDS if request.get(name) is not None}
        if isinstance(fields.get("data"), bytes | str):
            fields["content"] = fields.pop("data")
        headers = request.get("headers") or {}
        kept = {name: text for name, text in headers.items() if name.lower() not in ("authorization", "host")}
        return await self._http.request(**fields, headers=kept)

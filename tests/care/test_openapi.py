"""Whatever the description allows or forbids: no route breaks, and none answers what it has not declared."""

import asyncio
from typing import Any
from uuid import UUID

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis.generation import GenerationMode

from shared import waiting
from tests.care.building import Care

EXAMPLES = 15


class Caller:
    """Carries generated requests from hypothesis' thread to the service's loop."""

    def __init__(self, care: Care, known: dict[str, str]) -> None:
        self._care = care
        self._known = known
        self._loop = asyncio.get_running_loop()

    def call(self, case: Any, known: bool) -> None:
        """Sends a request, to a customer and a task that exist when `known`."""
        if known:
            case.path_parameters |= {name: self._known[name] for name in case.path_parameters if name in self._known}
        request = case.as_transport_kwargs(base_url="http://test")
        answer = asyncio.run_coroutine_threadsafe(self._send(request), self._loop).result(30)
        declared = {int(status) for status in case.operation.definition.raw["responses"]}
        assert answer.status_code in declared | {405}, (request, answer.status_code, answer.text)

    async def _send(self, request: dict[str, Any]) -> Any:
        fields: dict[str, Any] = {
            name: request[name] for name in ("method", "url", "params", "json") if name in request
        }
        if isinstance(request.get("data"), bytes | str):
            fields["content"] = request["data"]
        headers = request.get("headers") or {}
        kept = {name: text for name, text in headers.items() if name.lower() not in ("authorization", "host")}
        return await self._care.http.request(**fields, headers=kept)


def _try(operation: Any, mode: GenerationMode, caller: Caller) -> None:
    @settings(max_examples=EXAMPLES, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(case=operation.as_strategy(generation_mode=mode), known=st.booleans())
    def every(case: Any, known: bool) -> None:
        caller.call(case, known)

    every()


@pytest.mark.fuzz
@pytest.mark.timeout(900)
@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: str(mode.value))
async def test_no_route_breaks(care: Care, mode: GenerationMode, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiting, "PATIENCE", ())
    customer: UUID = await care.customer("A")
    await care.contact(customer)
    task = await care.open_task(customer, "salesperson", "visit")
    caller = Caller(care, {"customer_id": str(customer), "task_id": task["id"]})
    app: Any = care.service.app
    operations: list[Any] = list(schemathesis.openapi.from_dict(app.openapi()).get_all_operations())

    for operation in operations:
        await asyncio.to_thread(_try, operation.ok(), mode, caller)

    assert len(operations) > 8

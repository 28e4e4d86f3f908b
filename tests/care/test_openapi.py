"""Whatever the description allows or forbids: no route breaks, and none answers what it has not declared."""

import asyncio
from typing import Any
from uuid import UUID

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis.generation import GenerationMode

from services.care.accounts import handlers as accounts
from tests.care.building import Care

EXAMPLES = 15


@pytest.mark.slow
@pytest.mark.parametrize("mode", list(GenerationMode))
async def test_no_route_breaks(care: Care, mode: GenerationMode, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(accounts, "_LOOKS", 0)
    customer = await care.customer("A")
    await care.contact(customer)
    task = (await care.open_task(customer, "salesperson", "visit"))["id"]
    app: Any = care.service.app
    schema = schemathesis.openapi.from_dict(app.openapi())
    loop = asyncio.get_running_loop()

    def call(case: Any, known: bool) -> None:
        if known and "customer_id" in case.path_parameters:
            case.path_parameters["customer_id"] = str(customer)
        if known and "task_id" in case.path_parameters:
            case.path_parameters["task_id"] = task
        request = case.as_transport_kwargs(base_url="http://test")
        answer = asyncio.run_coroutine_threadsafe(send(request), loop).result(30)
        declared = {int(status) for status in case.operation.definition.raw["responses"] if status.isdigit()}
        assert answer.status_code < 500, (case.method, case.path, request, answer.text)
        assert answer.status_code in declared | {405}, (case.method, case.path, answer.status_code)

    async def send(request: dict[str, Any]) -> Any:
        fields = {name: request[name] for name in ("method", "url", "params", "json") if name in request}
        if "data" in request:
            fields["content"] = request["data"] if isinstance(request["data"], bytes | str) else None
        names = request.get("headers") or {}
        headers = {name: value for name, value in names.items() if name.lower() not in ("authorization", "host")}
        return await care.http.request(**fields, headers=headers)

    def fuzz() -> None:
        for result in schema.get_all_operations():
            operation = result.ok()
            strategy = operation.as_strategy(generation_mode=mode)

            @settings(max_examples=EXAMPLES, deadline=None, database=None, suppress_health_check=list(HealthCheck))
            @given(case=strategy, known=st.booleans())
            def every(case: Any, known: bool) -> None:
                call(case, known)

            every()

    await asyncio.to_thread(fuzz)
    assert UUID(task)

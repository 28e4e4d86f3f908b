"""Generated requests, valid and not, at every described operation: nothing but what the description declares."""

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

import httpx
import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from shared.contracts.care import TouchPlanned
from shared.contracts.customers import CustomerRegistered, StaffListed
from shared.ids import new_id
from shared.settings import ServiceName
from tests.postgres import Databases
from tests.security.services import ALL, operations
from tests.support import START, OneService, bearer, one_service

pytestmark = [pytest.mark.fuzz, pytest.mark.timeout(900)]

EXAMPLES: Final = 6
SKIPPED: Final = dict.fromkeys(("follow_live", "follow_me"), "answers for as long as somebody listens")
CHECKED: Final = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
BASE: Final = "http://test"


@dataclass(frozen=True, slots=True)
class Subject:
    """A service with something in it, and the loop that it lives in."""

    service: OneService
    runner: asyncio.Runner
    known: dict[str, str]
    """Parameter -> the id of something that exists."""

    def send(self, request: requests.PreparedRequest, *, matching: bool) -> httpx.Response:
        """Sends it as the administrator; when `matching`, about whatever version there is."""
        body: Any = request.body
        headers = httpx.Headers([(name.encode(), _bytes(value)) for name, value in request.headers.items()])
        headers.update(bearer())
        if matching:
            headers["If-Match"] = "*"
        sent = self.service.http.request(str(request.method), str(request.url), headers=headers, content=body)
        return self.runner.run(asyncio.wait_for(sent, 20))


def _bytes(value: str | bytes) -> bytes:
    return value if isinstance(value, bytes) else value.encode("latin-1", "replace")


async def _customers(service: OneService) -> dict[str, str]:
    async def made(path: str, **body: Any) -> str:
        answer = await service.http.post(f"/customers/v1/{path}", json=body)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    region, brand = await made("regions", name="华东"), await made("brands", name="雅", grade="mid")
    department = await made("departments", name="客户部")
    staff = await made("staff", name="李娜", role="cs_manager", department_id=department)
    customer = await made("customers", name="上海旗舰店", kind="store", region_id=region, phones=["13800138000"])
    sold = {"customer_id": customer, "brand_id": brand, "amount": "120.00", "occurred_at": START.isoformat()}
    limits = {"A": "10000", "B": "3000", "C": "1000"}
    policy = await made("tier-policies", thresholds=limits, window_months=1, starts_on="2026-12-01")
    return {
        "region_id": region,
        "brand_id": brand,
        "department_id": department,
        "staff_id": staff,
        "supervisor_id": staff,
        "customer_id": customer,
        "purchase_id": await made("purchases", **sold),
        "policy_id": policy,
        "month": "2026-10",
    }


async def _complaints(service: OneService) -> dict[str, str]:
    customer = new_id()
    await service.given(CustomerRegistered(customer_id=customer, kind="store", tier="C", registered_at=START))
    body = {"customer_id": str(customer), "kind": "complaint", "subject": "product", "text": "坏了", "channel": "line"}
    answer = await service.http.post("/complaints/v1/complaints", json=body)
    assert answer.status_code == 201, answer.text
    case = answer.json()
    return {"customer_id": str(customer), "id": case["id"], "token": case["tracking_token"], "step": "reception"}


async def _care(service: OneService) -> dict[str, str]:
    customer, staff = new_id(), new_id()
    await service.given(
        StaffListed(staff_id=staff, name="李娜", role="cs_manager"),
        CustomerRegistered(customer_id=customer, kind="store", tier="A", registered_at=START),
    )
    await service.run_loops()
    tasks = (await service.http.get("/care/v1/tasks")).json()["items"]
    return {"customer_id": str(customer), "task_id": tasks[0]["id"] if tasks else str(new_id())}


async def _reporting(service: OneService) -> dict[str, str]:
    customer = new_id()
    await service.given(
        CustomerRegistered(customer_id=customer, kind="store", tier="A", registered_at=START),
        TouchPlanned(
            task_id=new_id(),
            customer_id=customer,
            kind="obligation",
            role="salesperson",
            contact="visit",
            at=START,
            not_before=START,
            due_at=START + timedelta(days=1),
        ),
    )
    return {"customer_id": str(customer), "month": "2026-11"}


FILLED: Final = {"customers": _customers, "complaints": _complaints, "care": _care, "reporting": _reporting}


@pytest.fixture(scope="module", params=ALL)
def subject(request: pytest.FixtureRequest, postgres_url: str) -> Iterator[Subject]:
    name: ServiceName = request.param
    databases = Databases(postgres_url)
    with asyncio.Runner() as runner:
        stack = AsyncExitStack()
        service = runner.run(stack.enter_async_context(one_service(databases.fresh, name)))
        try:
            yield Subject(service, runner, runner.run(FILLED[name](service)))
        finally:
            runner.run(stack.aclose())
            runner.run(databases.drop_made())


def test_only_what_is_declared(subject: Subject) -> None:
    """Every operation is tried; what fails is told together."""
    described = schemathesis.openapi.from_dict(subject.service.app.openapi())
    failures: list[str] = []
    for operation in operations(subject.service):
        if operation.name not in SKIPPED:
            try:
                _try(subject, described[operation.path][operation.method])
            except Exception as fault:
                failures.append(f"{operation.name}: {fault!r}")
    assert not failures, "\n\n".join(failures)


def _try(subject: Subject, operation: Any) -> None:
    known = {name: subject.known[name] for name in subject.known if f"{{{name}}}" in operation.path}
    cases = [operation.as_strategy(GenerationMode.POSITIVE, path_parameters=known or None)]
    cases += [operation.as_strategy(GenerationMode.NEGATIVE, path_parameters=known or None)]

    @given(case=st.one_of(cases), matching=st.booleans())
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    def each(case: Any, matching: bool) -> None:
        case.body = _about_what_exists(case.body, {**subject.known, **(PLAUSIBLE if matching else {})})
        request = requests.Request(**case.as_transport_kwargs(base_url=BASE)).prepare()
        case.validate_response(subject.send(request, matching=matching), checks=CHECKED)

    each()


PLAUSIBLE: Final = {
    "amount": "12.50",
    "occurred_at": START.isoformat(),
    "subject": "product",
    "starts_on": "2027-01-01",
    "supervisor_id": None,
}
"""What chance seldom finds, for every second request."""


def _about_what_exists(body: Any, known: Mapping[str, str | None]) -> Any:
    """The body with ids of things that exist, where it names any: else nothing but refusals would be tried."""
    if not isinstance(body, dict):
        return body
    return {
        name: known[name] if name in known and (name in PLAUSIBLE or _is_id(value)) else value
        for name, value in body.items()
    }


def _is_id(value: object) -> bool:
    try:
        UUID(str(value))
    except ValueError:
        return False
    return True

"""Every route of complaints is described and guarded, the compiled ones like all others."""

from collections.abc import Callable
from typing import Any

import pytest
from fastapi.routing import APIRoute

from services.complaints.policy import POLICY
from shared.http.app import SHARED_POLICY
from shared.http.compiled import answer_with, compiled
from tests.complaints.building import complaints
from tests.postgres import FreshDatabase


async def test_every_route_stands_in_the_policy(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        routes = {route.name for route in service.app.routes if isinstance(route, APIRoute)}

        assert routes - set(SHARED_POLICY) == set(POLICY)


async def test_compiled_routes_are_described_like_all_others(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        paths = service.app.openapi()["paths"]

    listing = paths["/complaints/v1/complaints"]["get"]
    named = {parameter["name"] for parameter in listing["parameters"]}
    assert {"customer_id", "state", "number", "mine", "recorded_from", "sort", "cursor", "limit"} <= named
    recording = paths["/complaints/v1/complaints"]["post"]
    assert "$ref" in recording["requestBody"]["content"]["application/json"]["schema"]
    assert {"201", "401", "409", "415", "422", "503"} <= set(recording["responses"])


async def _asks_for_a_file(upload: bytes) -> Any: ...


async def _asks_for_nothing_known(thing: int = 1) -> Any: ...


@pytest.mark.parametrize("endpoint", [_asks_for_a_file, _asks_for_nothing_known])
def test_what_cannot_be_compiled_is_refused_at_start(endpoint: Callable[..., Any]) -> None:
    with pytest.raises(TypeError, match="cannot be compiled"):
        answer_with(compiled(endpoint), "/things")


async def test_a_file_is_sent_as_a_form_of_several_parts(fresh_database: FreshDatabase) -> None:
    """As it is taken, and nothing else can carry it."""
    async with complaints(fresh_database) as service:
        document = service.app.openapi()
    sent = {
        operation["operationId"]: set(operation["requestBody"]["content"])
        for operations in document["paths"].values()
        for operation in operations.values()
        if "multipart" in str(operation.get("requestBody", "")) or "urlencoded" in str(operation.get("requestBody", ""))
    }

    assert sent == {"add_file": {"multipart/form-data"}, "add_tracked_file": {"multipart/form-data"}}


async def test_a_field_is_not_described_as_another_one(fresh_database: FreshDatabase) -> None:
    """A bare word is for what has it everywhere."""
    async with complaints(fresh_database) as service:
        models = service.app.openapi()["components"]["schemas"]
    said = {name: fields for name, model in models.items() if (fields := model.get("properties"))}
    case = said["CaseDetailsOut"]

    def alike(field: str) -> set[str]:
        same = case[field].get("description")
        return {name for name, fields in said.items() if fields.get(field, {}).get("description") == same}

    assert {name for name in alike("kind") if not name.startswith("Complaint")} <= {
        "CaseDetailsOut",
        "InternalOut",
        "ListedCaseOut",
        "QueuedCaseOut",
        "TrackedCaseOut",
    }
    assert alike("channel") <= {"CaseDetailsOut", "ComplaintOpened", "InternalOut", "ListedCaseOut", "QueuedCaseOut"}
    for model in ("AddedWordsIn", "ReplyIn", "CorrectionIn"):
        assert said[model]["text"]["description"] != said["MovementIn"]["text"]["description"], model

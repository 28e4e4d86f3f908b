"""The obligation matrix as a policy with versions."""

from typing import Any

import pytest

from tests.care.building import Care
from tests.support import bearer

PATH = "/care/v1/obligation-matrix"
VISIT = {"tier": "A", "role": "salesperson", "contact": "visit"}


def matrix(*obligations: dict[str, Any]) -> dict[str, Any]:
    return {"obligations": list(obligations)}


async def test_the_service_comes_with_the_table_of_the_domain(care: Care) -> None:
    answer = await care.http.get(PATH)

    body = answer.json()
    assert answer.headers["etag"] == '"1"'
    assert (body["version"], body["set_at"]) == (1, None)
    listed = {(each["tier"], each["role"], each["contact"]): each["interval"] for each in body["obligations"]}
    assert listed["A", "salesperson", "visit"] == {"kind": "per_month", "times": 2}
    assert listed["C", "salesperson", "visit"] == {"kind": "every", "within": "1.5", "welcome": "0.5"}
    assert listed["A", "brand_manager", "visit"] == {"kind": "every", "within": "2", "welcome": "1"}
    assert listed["A", "general_manager", "visit"] == {"kind": "every", "within": "12", "welcome": "6"}
    assert listed["C", "cs_manager", "phone"] == {"kind": "sampled"}
    assert listed["D", "beauty_mentor", "stay"] == {"kind": "as_needed"}
    assert len(listed) == 39


async def test_what_was_read_can_be_sent_back(care: Care) -> None:
    read = (await care.http.get(PATH)).json()

    answer = await care.http.put(PATH, json=read, headers={"If-Match": '"1"'})

    assert answer.status_code == 200, answer.text
    assert answer.json()["version"] == 2
    assert answer.json()["obligations"] == read["obligations"]
    assert answer.json()["set_at"] == "2026-11-04T01:00:00Z"


async def test_what_was_set_is_answered_as_it_is_read(care: Care) -> None:
    body = matrix({**VISIT, "interval": {"kind": "every", "within": "3.0"}})

    answer = await care.http.put(PATH, json=body, headers={"If-Match": '"1"'})

    assert answer.json()["obligations"][0]["interval"] == {"kind": "every", "within": "3", "welcome": "1.5"}
    assert (await care.http.get(PATH)).json() == answer.json()


async def test_the_version_that_was_read_must_be_named(care: Care) -> None:
    body = matrix({**VISIT, "interval": {"kind": "per_month", "times": 2}})

    assert (await care.http.put(PATH, json=body)).status_code == 428
    assert (await care.http.put(PATH, json=body, headers={"If-Match": '"1"'})).status_code == 200
    stale = await care.http.put(PATH, json=body, headers={"If-Match": '"1"'})

    assert (stale.status_code, stale.json()["slug"]) == (412, "stale")
    assert (await care.http.get(PATH)).json()["version"] == 2


@pytest.mark.parametrize(
    "interval",
    [
        {"kind": "per_month", "times": 0},
        {"kind": "per_month", "times": 29},
        {"kind": "per_month", "times": 2, "more": 1},
        {"kind": "every", "within": "1", "welcome": "2"},
        {"kind": "every", "within": "0"},
        {"kind": "every", "within": "0.3"},
        {"kind": "every", "within": "1000"},
        {"kind": "every", "within": "NaN"},
        {"kind": "weekly"},
        {},
    ],
    ids=str,
)
async def test_an_impossible_interval_is_refused(care: Care, interval: dict[str, Any]) -> None:
    body = matrix({**VISIT, "interval": interval})

    answer = await care.http.put(PATH, json=body, headers={"If-Match": '"1"'})

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"].startswith("#/obligations/0/interval")


@pytest.mark.parametrize("field, value", [("tier", "E"), ("role", "emperor"), ("contact", "letter")])
async def test_an_unknown_code_is_refused(care: Care, field: str, value: str) -> None:
    body = matrix({**VISIT, "interval": {"kind": "as_needed"}, field: value})

    answer = await care.http.put(PATH, json=body, headers={"If-Match": '"1"'})

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == f"#/obligations/0/{field}"


async def test_a_duty_stands_once(care: Care) -> None:
    twice = {**VISIT, "interval": {"kind": "as_needed"}}

    answer = await care.http.put(PATH, json=matrix(twice, twice), headers={"If-Match": '"1"'})

    assert answer.status_code == 422


async def test_only_managers_set_it_and_every_colleague_reads_it(care: Care) -> None:
    body = matrix()
    seller = bearer("salesperson")

    assert (await care.http.get(PATH, headers=seller)).status_code == 200
    assert (await care.http.put(PATH, json=body, headers={"If-Match": '"1"', **seller})).status_code == 403
    assert (await care.http.get(PATH, headers={"Authorization": ""})).status_code == 401


async def test_a_pointer_leads_through_what_was_sent(care: Care) -> None:
    interval = {"kind": "every", "within": "soon"}
    one = {"tier": "A", "role": "salesperson", "contact": "visit", "interval": interval}

    answer = await care.http.put(PATH, json={"obligations": [one]}, headers={"If-Match": '"1"'})

    assert [error["pointer"] for error in answer.json()["errors"]] == ["#/obligations/0/interval/within"]

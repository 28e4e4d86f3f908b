"""The company profile: set whole, and told on the directory."""

from typing import Any

from shared.contracts.customers import CompanyListed
from shared.ids import new_id
from tests.postgres import FreshDatabase
from tests.support import OneService, bearer, one_service

PATH = "/customers/v1/company-profile"


def profile(**fields: Any) -> dict[str, Any]:
    return {
        "names": {"zh-CN": "温州美业有限公司", "en": "Wenzhou Beauty Ltd"},
        "addresses": {"zh-CN": "温州市鹿城区", "en": "Lucheng, Wenzhou"},
        "line": "400-888-1234",
        "languages": ["zh-CN", "en"],
        "signatories": [
            {"names": {"zh-CN": "陈静", "en": "Chen Jing"}, "titles": {"zh-CN": "行政部", "en": "Administration"}}
        ],
        **fields,
    }


async def put(service: OneService, body: dict[str, Any], **headers: str) -> tuple[int, dict[str, Any]]:
    answer = await service.http.put(PATH, json=body, headers=headers)
    return answer.status_code, answer.json()


async def test_it_is_set_whole_and_told(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as service:
        before = await service.http.get(PATH)
        assert (before.status_code, before.json()["slug"]) == (404, "no-company-profile")

        status, first = await put(service, profile())

        assert (status, first["version"]) == (200, 1)
        read = await service.http.get(PATH)
        assert (read.json(), read.headers["ETag"]) == (first, '"1"')
        assert (await put(service, profile(line="1")))[1]["slug"] == "precondition-required"
        assert (await put(service, profile(line="1"), **{"If-Match": '"7"'}))[0] == 412
        assert (await put(service, profile(), **{"If-Match": '"1"'}))[1]["version"] == 1, "the same changes nothing"
        assert (await put(service, profile(line="400-1"), **{"If-Match": '"1"'}))[1]["version"] == 2
        told = await service.facts(CompanyListed)
        assert [fact.line for fact in told] == ["400-888-1234", "400-1"]
        assert told[1].signatories[0].titles["en"] == "Administration"


async def test_what_is_wrong_with_it_is_said_where_it_is(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as service:

        async def refused(body: dict[str, Any]) -> tuple[int, str, str]:
            status, problem = await put(service, body)
            return status, problem["slug"], problem["errors"][0]["pointer"]

        assert await refused(profile(names={"zh-CN": "甲"})) == (422, "language-missing", "#/names")
        signatory = {"names": {"zh-CN": "陈静"}, "titles": {"zh-CN": "行政部", "en": "A"}}
        assert await refused(profile(signatories=[signatory])) == (422, "language-missing", "#/signatories/0/names")
        elsewhere = {**profile()["signatories"][0], "department_id": str(new_id())}
        pointer = "#/signatories/0/department_id"
        assert await refused(profile(signatories=[elsewhere])) == (422, "unknown-department", pointer)
        assert (await refused(profile(languages=["fr"])))[:2] == (422, "invalid")
        assert (await refused(profile(signatories=[])))[:2] == (422, "invalid")
        assert (await service.http.get(PATH)).status_code == 404, "nothing half done"
        seller = await service.http.put(PATH, json=profile(), headers=bearer("salesperson"))
        assert seller.status_code == 403

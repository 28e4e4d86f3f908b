"""All that is kept of a person comes as one archive; after their erasure nothing personal is in it (domain 2.1)."""

import asyncio
import csv
import io
import sys
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import orjson

from shared.ids import new_id
from shared.person_archive import packed
from shared.settings import SERVICES
from tests.architecture.source import ROOT
from tests.journeys.network import Company, company, get, post
from tests.journeys.stage import OneProcess, one_process
from tests.postgres import FreshDatabase
from tests.security.test_canary import network_of
from tests.support import START, bearer, served


async def _exported(stage: OneProcess, person: str, out: Path) -> dict[str, Any]:
    """By the command of docs/operating.md: file -> its content, JSON read."""
    async with served(network_of(stage).network) as url:
        token = bearer()["Authorization"].removeprefix("Bearer ")
        command = [sys.executable, "-m", "crm", "export-person", person, str(out), "--url", url, "--token", token]
        process = await asyncio.create_subprocess_exec(*command, cwd=ROOT)
        assert await process.wait() == 0
    with ZipFile(out) as archive:
        return {name: _read(name, archive.read(name)) for name in archive.namelist()}


def _read(name: str, content: bytes) -> Any:
    return orjson.loads(content) if name.endswith(".json") else content.decode("utf-8-sig")


async def _lived(stage: OneProcess, house: Company) -> str:
    profile = {"name": "王小明", "kind": "person", "phones": ["13812345670"], "address": "南京路1号"}
    person = str((await post(stage.http, "/customers/v1/customers", profile))["id"])
    await house.buys(person, "400.00", START)
    case = await house.complains(person, text="脸上起了红疹", complainant={"name": "王小明", "contact": "13812345670"})
    await post(stage.http, f"/complaints/v1/complaints/{case['id']}/notes", {"text": "=1+1 说好了"})
    touch = {"customer_id": person, "contact": "phone", "minutes": 5, "content": "喜欢茶"}
    await post(stage.http, "/care/v1/touches", touch, stage.signed("general_manager", house.staff["general_manager"]))
    await stage.quiet()
    return person


async def test_all_of_a_person_is_one_archive(fresh_database: FreshDatabase, tmp_path: Path) -> None:
    async with one_process(fresh_database, tmp_path / "kept") as stage:
        person = await _lived(stage, await company(stage.http))

        found = await _exported(stage, person, tmp_path / "all.zip")

        assert {name.split("/")[0] for name in found} == set(SERVICES)
        [profile] = found["customers/profile.json"]
        assert (profile["name"], profile["phones"], profile["address"]) == ("王小明", ["+8613812345670"], "南京路1号")
        assert [each["amount"] for each in found["customers/purchases.json"]] == ["400.00"]
        [case] = found["complaints/cases.json"]
        assert (case["text"], case["complainant"]["name"]) == ("脸上起了红疹", "王小明")
        assert "=1+1 说好了" in [each["text"] for each in found["complaints/history.json"]]
        assert "'=1+1 说好了" in found["complaints/history.csv"], "no spreadsheet takes it for a formula"
        [touch] = [each for each in found["care/touches.json"] if each["record"]]
        assert touch["record"]["content"] == "喜欢茶"
        assert found["care/contact.json"][0]["name"] == "王小明"
        assert found["reporting/figures.json"][0]["purchased"] == "400.00"
        for service in SERVICES:
            entries = (await get(stage.http, f"/{service}/v1/audit", subject=person, what="person.exported"))["items"]
            assert [entry["purpose"] for entry in entries] == ["personal_request"], service

        await post(stage.http, "/customers/v1/erasures", {"customer_id": person, "reason": "asked by letter"})
        await stage.quiet()
        left = await _exported(stage, person, tmp_path / "left.zip")
        said = orjson.dumps(left).decode()
        assert not any(value in said for value in ("王小明", "13812345670", "南京路", "红疹", "说好了", "喜欢茶"))
        assert [each["amount"] for each in left["customers/purchases.json"]] == ["400.00"], "figures stay"


def test_a_table_has_every_column_that_a_row_has() -> None:
    person = new_id()
    with ZipFile(
        io.BytesIO(packed("care", person, START, {"rows": [{"a": 1}, {"b": ["x", None]}], "none": []}))
    ) as read:
        assert list(csv.reader(io.StringIO(read.read("care/rows.csv").decode("utf-8-sig")))) == [
            ["a", "b"], ["1", ""], ["", '["x",null]'],
        ]  # fmt: skip
        assert orjson.loads(read.read("care/none.json")) == []
        assert orjson.loads(read.read("care/about.json"))["person_id"] == str(person)

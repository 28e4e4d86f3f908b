"""`make run` as a user has it: ready, tokens, the rehearsal clock, restarts, kills, refusals."""

import json
import math
import signal
import socket
import stat
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest

from deploy.all_in_one import all_in_one, settings_for_all_in_one
from deploy.refusals import Damaged, NotConfigured
from shared.auth.principal import ALL_ROLES
from shared.months import Month
from shared.settings import SERVICES
from tests.all_in_one import AllInOne, refused

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

PATIENCE = 60.0
"""Seconds for what processes do by themselves."""
START_SECONDS = 10.0
"""For a second start, of processor time: other work on the machine does not count."""


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AllInOne]:
    """An installation that the tests of this file share; SIGTERM ends it in good order."""
    with AllInOne(tmp_path_factory.mktemp("shared") / "data") as everything:
        yield everything
        _check_end(everything, everything.stop(signal.SIGTERM))


def test_all_services_are_ready_and_say_where_to_look(running: AllInOne) -> None:
    with httpx.Client(base_url=running.url, trust_env=False) as http:
        for service in SERVICES:
            assert http.get(f"/{service}/readyz").json()["status"] == "ready"
            assert f"{running.url}/{service}/docs" in running.output
            assert http.get(f"/{service}/docs").status_code == 200
        root = http.get("/", headers={"Host": "evil.example"})
        assert (root.status_code, root.headers["location"]) == (307, "/ops")
        assert http.post("/").status_code == 404
        elsewhere = http.get("/elsewhere").json()
        assert (elsewhere["slug"], bool(elsewhere["trace_id"])) == ("not-found", True)
        assert "/customers/docs" in elsewhere["detail"]


def test_every_role_has_a_ready_token_that_the_owner_alone_reads(running: AllInOne) -> None:
    tokens = running.tokens
    assert set(tokens) == set(ALL_ROLES)
    for role in ALL_ROLES:
        with running.http(role) as http:
            assert http.get("/customers/v1/brands").status_code == 200, role
        assert tokens[role] in running.output
        with running.http(role) as http:
            admitted = http.get("/reporting/v1/live/board").status_code == 200
        assert (f"{running.url}/ops#token={tokens[role]}" in running.output) is admitted, role
    for secret in ("tokens.json", "keys.json"):
        assert stat.S_IMODE((running.folder / secret).stat().st_mode) == 0o600


def test_tokens_are_bound_to_seeded_staff_with_supervisors_and_managers(running: AllInOne) -> None:
    staff_of = json.loads((running.folder / "staff.json").read_text())
    with running.http() as http:
        staff = {role: http.get(f"/customers/v1/staff/{id_}").json() for role, id_ in staff_of.items()}
        departments = http.get("/customers/v1/departments").json()["items"]
    assert {role: member["role"] for role, member in staff.items()} == {role: role for role in staff_of}
    assert all(member["supervisor_id"] for role, member in staff.items() if role != "general_manager")
    assert all(department["manager_id"] for department in departments)


def test_business_time_moves_forward_for_administrators_only(running: AllInOne) -> None:
    with running.http() as http:
        before = _now(http)
        moved = http.post("/rehearsal/clock", json={"forward": "PT2H"}).json()
        assert timedelta(hours=2) <= datetime.fromisoformat(moved["now"]) - before < timedelta(hours=2, minutes=1)
        assert _now(http) >= datetime.fromisoformat(moved["now"])
    with running.http("cs_manager") as http:
        assert http.post("/rehearsal/clock", json={"forward": "PT2H"}).status_code == 403
    with httpx.Client(base_url=running.url, trust_env=False) as http:
        refusal = http.get("/rehearsal/clock")
        assert (refusal.status_code, bool(refusal.json()["trace_id"])) == (401, True)


def test_what_is_on_its_way_arrives_before_the_clock_moves(running: AllInOne) -> None:
    """The first reply expires after a day: it does not because the clock springs over three."""
    with running.http() as http:
        opened = http.post(
            "/complaints/v1/complaints",
            json={
                "complainant": {"name": "Wang", "contact": "+8613900001234"},
                "kind": "complaint",
                "subject": "attitude",
                "text": "Nobody came.",
                "channel": "line",
            },
        ).json()
        http.post("/rehearsal/clock", json={"forward": "P3D"}).raise_for_status()
        letters = http.get(f"/complaints/v1/complaints/{opened['id']}/letters").json()["items"]
        assert [letter["state"] for letter in letters] == ["sent"]


@pytest.mark.parametrize(
    "forward", ["-PT2H", "PT-2H", "PT0S", "P", "PT", "", "2 hours", "P4000D", "P99999999999999W", "٤", None, 7200]
)
def test_a_clock_is_refused_that_runs_back_or_too_far(running: AllInOne, forward: object) -> None:
    with running.http() as http:
        before = _now(http)
        answer = http.post("/rehearsal/clock", json={"forward": forward})
        assert (answer.status_code, answer.json()["slug"]) == (422, "invalid")
        assert _now(http) - before < timedelta(minutes=1)


def test_a_clock_is_refused_that_is_no_question_of_ours(running: AllInOne) -> None:
    with running.http() as http:
        assert http.post("/rehearsal/clock", content=b"\xff{").status_code == 422
        assert http.post("/rehearsal/clock", json={"forward": "PT1H", "back": True}).status_code == 422
        assert http.delete("/rehearsal/clock").status_code == 405


def test_a_clock_that_springs_over_a_warning_a_decline_and_a_loss_tells_each_by_its_day(tmp_path: Path) -> None:
    """In an installation of its own: what others have begun would be long overdue."""
    with AllInOne(tmp_path / "data") as springing, springing.http() as http:
        shop = http.post("/customers/v1/customers", json={"name": "美丽人生美容院"}).raise_for_status().json()["id"]
        path = f"/customers/v1/customers/{shop}"
        now = _now(http).astimezone(ZoneInfo("Asia/Shanghai"))
        month = Month(now.year, now.month)
        before = [f"{month.plus(-back)}-15T12:00:00+08:00" for back in range(6, 0, -1)]
        for moment in (*before, now.isoformat()):
            body = {"customer_id": shop, "amount": "1000.00", "occurred_at": moment}
            http.post("/customers/v1/purchases", json=body).raise_for_status()
        _until(lambda: http.get(path).json()["stage"] == "stable", "the store is judged")
        life = http.get(f"{path}/lifecycle").json()

        http.post("/rehearsal/clock", json={"forward": "P110D"}).raise_for_status()

        _until(lambda: http.get(path).json()["stage"] == "lost", "it is judged again")
        moves = http.get(f"{path}/stage-history").json()["items"]
        assert [(each["to"], each["since"]) for each in moves[-2:]] == [
            ("decline", month.plus(2).first_day.isoformat()), ("lost", life["lost_on"]),
        ]  # fmt: skip
        assert all(each["at"][:10] > life["lost_on"] for each in moves[-2:]), "when it was noticed"
        warned, *_ = http.get(f"{path}/warnings").json()["items"]  # others came while its past was entered
        waits = timedelta(days=math.ceil(float(life["interval_days"]) * 1.5))
        assert warned["raised_on"] == (now.date() + waits).isoformat()
        assert (warned["since"], warned["ended_by"]) == (life["lost_on"], "lost")
        assert warned["noticed_at"][:10] > life["lost_on"]


def test_a_second_start_on_the_same_data_or_port_is_refused(running: AllInOne, tmp_path: Path) -> None:
    assert "another process works on" in refused("run", "--port", "0", "--data", str(running.folder))
    port = running.url.rpartition(":")[2]
    assert f"port {port} is taken" in refused("run", "--port", port, "--data", str(tmp_path / "other"))
    with running.http() as http:
        assert http.get("/customers/v1/brands").status_code == 200


@pytest.mark.parametrize("name, content", [("keys.json", '{"master": "00"}'), ("clock.json", "{")])
async def test_a_damaged_file_is_named_and_never_replaced(tmp_path: Path, name: str, content: str) -> None:
    (tmp_path / name).write_text(content)
    with pytest.raises(Damaged, match=f"{name} is damaged"):
        await all_in_one(tmp_path, settings_for_all_in_one(tmp_path)).__aenter__()
    assert (tmp_path / name).read_text() == content


def test_production_mode_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CRM_PRODUCTION", "true")
    with pytest.raises(NotConfigured, match="not for production"):
        settings_for_all_in_one(tmp_path)


def test_a_kill_loses_nothing_acknowledged_and_time_never_runs_back(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    first = AllInOne(folder)
    with first.http() as http:
        http.post("/rehearsal/clock", json={"forward": "P3D"}).raise_for_status()
        before = _now(http)
    acknowledged, erasure = _register_until_killed(first)
    assert acknowledged

    with AllInOne(folder) as second:
        print(f"second start: {second.cpu_seconds:.1f} s of processor time")  # noqa: T201  the figure is wanted
        assert second.cpu_seconds < START_SECONDS
        with second.http() as http:
            assert _now(http) >= before
            assert acknowledged <= _numbers(http)
            _goes_on_to_its_certificate(http, erasure)
        with second.http() as http, http.stream("GET", "/reporting/v1/live") as stream:
            assert stream.status_code == 200
            _check_end(second, second.stop(signal.SIGINT))


def _check_end(everything: AllInOne, code: int) -> None:
    """It ended in good order: told so, complained of nothing, left no server behind."""
    assert code == 0, everything.output
    assert "everything is kept" in everything.output
    assert "Traceback" not in everything.output
    assert '"level": "error"' not in everything.output
    assert everything.servers_left() == []
    with socket.socket() as port:
        assert port.connect_ex(("127.0.0.1", int(everything.url.rpartition(":")[2]))) != 0


def _erase_who_was_merged(everything: AllInOne) -> dict[str, Any]:
    """An erasure that has just been answered, of a person with a case who was merged an instant ago."""
    with everything.http() as http:
        names = ({"name": "王小明", "kind": "person", "phones": [f"1381234567{end}"]} for end in range(2))
        kept, twice = [
            str(http.post("/customers/v1/customers", json=name).raise_for_status().json()["id"]) for name in names
        ]
        case = {"customer_id": twice, "subject": "delivery", "text": "王小明 waits", "channel": "line"}
        _until(lambda: http.post("/complaints/v1/complaints", json=case).status_code == 201, "complaints knows them")
        http.post(f"/customers/v1/customers/{twice}/merge", json={"into": kept}).raise_for_status()
        asked = {"customer_id": twice, "reason": "asked by letter"}
        erasure: dict[str, Any] = http.post("/customers/v1/erasures", json=asked).raise_for_status().json()
        assert (erasure["person_id"], erasure["merged_ids"], erasure["state"]) == (kept, [twice], "running")
        return erasure


def _goes_on_to_its_certificate(http: httpx.Client, begun: dict[str, Any]) -> None:
    """Each service removes what it keeps, once, under both ids."""
    path = f"/customers/v1/erasures/{begun['id']}"
    _until(lambda: http.get(path).json()["state"] == "done", "the certificate is written")
    certificate = http.get(path).json()["certificate"]
    assert certificate["removed"]["customers"] == begun["services"][0]["removed"]
    assert certificate["removed"]["complaints"]["cases"] == 1
    assert certificate["confirmed_at"].keys() == {"complaints", "care", "reporting"}
    assert [each["id"] for each in http.get("/customers/v1/erasures").json()["items"]] == [begun["id"]]
    [merge] = http.get(f"/customers/v1/customers/{begun['person_id']}/merges").json()["items"]
    assert (merge["merged_id"], merge["unmerged_at"]) == (*begun["merged_ids"], None)
    [case] = http.get("/complaints/v1/complaints", params={"customer_id": begun["person_id"]}).json()["items"]
    assert http.get(f"/complaints/v1/complaints/{case['id']}").json()["text"] == ""


def _until(check: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while not check():
        assert time.monotonic() < deadline, f"did not happen within {PATIENCE} s: {what}"
        time.sleep(0.05)


def _register_until_killed(everything: AllInOne) -> tuple[set[str], dict[str, Any]]:
    """Numbers of the stores whose registration was answered before the process was killed in the middle of it, and of
    an erasure that had just begun."""
    acknowledged: set[str] = set()

    def register(hand: int) -> None:
        with everything.http() as http, suppress(httpx.HTTPError):
            for place in count():
                store = {"name": "杭州·云间美容院", "external_no": f"K-{hand}-{place}"}
                http.post("/customers/v1/customers", json=store).raise_for_status()
                acknowledged.add(store["external_no"])

    with ThreadPoolExecutor(4) as hands:
        hands.map(register, range(4))
        while len(acknowledged) < 40:
            time.sleep(0.01)
        erasure = _erase_who_was_merged(everything)
        everything.process.kill()
    everything.process.wait()
    return acknowledged, erasure


def _numbers(http: httpx.Client) -> set[str]:
    found: set[str] = set()
    cursor: str | None = None
    while True:
        page = http.get(
            "/customers/v1/customers", params={"limit": 500} | ({"cursor": cursor} if cursor else {})
        ).json()
        found |= {item["external_no"] for item in page["items"]}
        cursor = page["next"]
        if cursor is None:
            return found


def _now(http: httpx.Client) -> datetime:
    return datetime.fromisoformat(http.get("/rehearsal/clock").raise_for_status().json()["now"])

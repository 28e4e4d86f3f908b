"""What is done after a contract has ended: the errands of a small table become tasks, once (domain 2.2)."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from shared.contracts.care import TouchDropped, TouchMissed, TouchPlanned
from shared.contracts.erasures import PersonErased
from shared.contracts.network import (
    ContractCorrected,
    ContractEnded,
    ContractEndingStepDone,
    ContractSigned,
    ContractWithdrawn,
    EndingStep,
)
from shared.ids import new_id
from tests.care.building import ADMINISTRATION, BOSS, CS_MANAGER, OTHER_SELLER, SELLER, Care, staff
from tests.support import bearer

DECEMBER = date(2026, 12, 1)


def midnight(day: str) -> datetime:
    return datetime.fromisoformat(f"{day}T00:00:00+08:00")


class Ended:
    """A contract of a customer, and the steps of its ending."""

    def __init__(self, care: Care, customer: UUID) -> None:
        self.care, self.customer, self.id = care, customer, new_id()

    def about(self) -> dict[str, Any]:
        return {
            "customer_id": self.customer,
            "contract_id": self.id,
            "brand_id": new_id(),
            "region_id": new_id(),
            "at": self.care.clock.now(),
        }

    async def does(self, step: EndingStep, version: int, *, historical: bool = False) -> None:
        fact = ContractEndingStepDone(**self.about(), step=step, ends_on=DECEMBER)
        await self.care.given(fact, version=version, historical=historical)

    async def runs_out(
        self, *, by_procedure: bool = False, renewed: bool = False, historical: bool = False, heard: str = "2026-12-01"
    ) -> None:
        """Its term is over, unless it is said otherwise; care hears of it on a day."""
        self.care.clock.move_to(midnight(heard))
        about = self.about() | {"at": midnight("2026-12-01")}
        fact = ContractEnded(**about, ends_on=DECEMBER, by_procedure=by_procedure, renewed=renewed)
        await self.care.given(fact, version=8, historical=historical)

    async def is_put_right(self, ends_on: date | None, version: int) -> None:
        fact = ContractCorrected(**self.about(), starts_on=date(2026, 1, 1), ends_on=ends_on)
        await self.care.given(fact, version=version)

    async def is_followed(self) -> None:
        about = self.about() | {"contract_id": new_id()}
        await self.care.given(ContractSigned(**about, starts_on=DECEMBER, renews=self.id), version=12)

    async def is_withdrawn(self) -> None:
        await self.care.given(ContractWithdrawn(**self.about()), version=9)

    async def tasks(self) -> dict[str, dict[str, Any]]:
        found = await self.care.tasks(contract_id=self.id)
        return {task["errand"]: task for task in found}


async def test_its_errands_become_tasks_counted_from_the_end(care: Care) -> None:
    ended = Ended(care, await care.customer())
    before: tuple[EndingStep, ...] = ("confirm", "approve", "letter")
    for version, step in enumerate(before, 2):
        await ended.does(step, version)
    assert await ended.tasks() == {}, "nothing is owed before the last step"

    await ended.does("aftercare", 5)

    tasks = await ended.tasks()
    assert {(errand, each["role"], each["contact"], each["assignee_id"]) for errand, each in tasks.items()} == {
        ("call", "cs_manager", "phone", str(CS_MANAGER)),
        ("display", "salesperson", "visit", str(SELLER)),
        ("account", "sales_manager", "phone", None),
    }
    windows = {
        errand: (datetime.fromisoformat(each["not_before"]), datetime.fromisoformat(each["due_at"]))
        for errand, each in tasks.items()
    }
    assert windows == {
        "call": (midnight("2026-12-08"), midnight("2026-12-11")),
        "display": (midnight("2026-12-01"), midnight("2026-12-15")),
        "account": (midnight("2026-12-01"), midnight("2026-12-31")),
    }
    assert {each["kind"] for each in tasks.values()} == {"aftercare"}
    told = [fact for fact in await care.facts(TouchPlanned) if fact.contract_id == ended.id]
    assert {fact.errand for fact in told} == {"call", "display", "account"}


async def test_the_same_ending_told_in_another_event_owes_nothing_more(care: Care) -> None:
    ended = Ended(care, await care.customer())
    await ended.does("aftercare", 5)
    await ended.does("aftercare", 6)

    assert len(await care.tasks(ended.customer, kind="aftercare")) == 3


async def test_a_term_that_runs_out_by_itself_asks_for_the_same(care: Care) -> None:
    ended = Ended(care, await care.customer())
    await ended.runs_out()
    await ended.runs_out()

    tasks = await care.tasks(ended.customer, kind="aftercare")
    assert {(each["errand"], each["assignee_id"]) for each in tasks} == {
        ("call", str(CS_MANAGER)),
        ("display", str(SELLER)),
        ("account", None),
    }
    assert len(tasks) == 3, "once, however often it is told"
    assert (await ended.tasks())["call"]["not_before"] == midnight("2026-12-08").astimezone(UTC).isoformat().replace(
        "+00:00", "Z"
    )


async def test_a_term_of_which_care_hears_late_leaves_its_people_their_days(care: Care) -> None:
    ended = Ended(care, await care.customer())
    await ended.runs_out(heard="2026-12-20")

    call = (await ended.tasks())["call"]
    assert datetime.fromisoformat(call["due_at"]) == midnight("2026-12-30"), "counted from when it was heard of"
    assert call["state"] == "open"


@pytest.mark.parametrize("said", [{"renewed": True}, {"by_procedure": True}, {"historical": True}])
async def test_who_goes_on_with_the_brand_is_owed_nothing_nor_twice(care: Care, said: dict[str, Any]) -> None:
    """The procedure has an aftercare of its own, and the past asks for none."""
    ended = Ended(care, await care.customer())
    await ended.runs_out(**said)

    assert await ended.tasks() == {}


async def test_of_who_was_erased_nothing_is_asked_when_their_term_runs_out(care: Care) -> None:
    ended = Ended(care, await care.customer())
    erasure = new_id()
    await care.given(
        PersonErased(
            erasure_id=erasure,
            person_id=ended.customer,
            kind="customer",
            customer_id=ended.customer,
            merged_ids=[],
            at=care.clock.now(),
        )
    )
    await ended.runs_out()

    assert await care.database.fetchval("SELECT count(*) FROM task WHERE contract_id = $1", ended.id) == 0


async def test_history_owes_nothing(care: Care) -> None:
    ended = Ended(care, await care.customer())
    await ended.does("aftercare", 5, historical=True)

    assert await ended.tasks() == {}


async def test_what_nobody_has_goes_to_whoever_comes_and_of_who_leaves_to_the_successor(care: Care) -> None:
    ended = Ended(care, await care.customer())
    await ended.does("aftercare", 5)
    director = new_id()
    await care.given(staff(director, "general_manager"))
    await care.given(staff(BOSS, "sales_manager", supervisor_id=director), version=2)
    assert (await ended.tasks())["account"]["assignee_id"] == str(director), "to whom the role's people answer"
    await care.given(staff(OTHER_SELLER, "salesperson", supervisor_id=BOSS))
    await care.given(staff(SELLER, "salesperson", active=False, successor_id=OTHER_SELLER), version=2)

    assert (await ended.tasks())["display"]["assignee_id"] == str(OTHER_SELLER)


async def test_a_missed_errand_is_done_nevertheless(care: Care) -> None:
    ended = Ended(care, await care.customer(team={"salesperson": SELLER}))
    await ended.does("aftercare", 5)
    care.clock.move_to(midnight("2026-12-15"))
    await care.run_loops()
    display = (await ended.tasks())["display"]
    assert display["state"] == "missed"
    assert "aftercare" in {fact.kind for fact in await care.facts(TouchMissed)}
    care.clock.forward(timedelta(days=1))

    answer = await care.finish(display["id"], subject=SELLER, role="salesperson")

    assert (answer.status_code, answer.json()["state"]) == (200, "done")


async def test_of_a_contract_that_never_was_nothing_is_owed(care: Care) -> None:
    ended = Ended(care, await care.customer())
    await ended.does("aftercare", 5)

    await ended.is_withdrawn()

    assert {(each["state"], each["reason"]) for each in (await ended.tasks()).values()} == {
        ("dropped", "contract_withdrawn")
    }
    assert len(await care.facts(TouchDropped)) == 3


async def test_after_a_term_that_is_not_over_after_all_nothing_is_owed_until_it_is(care: Care) -> None:
    ended = Ended(care, await care.customer())
    await ended.runs_out()
    await ended.is_put_right(DECEMBER - timedelta(days=30), 9)
    assert {each["state"] for each in (await ended.tasks()).values()} == {"open"}, "it is over all the same"

    await ended.is_put_right(DECEMBER + timedelta(days=9), 10)
    tasks = await care.tasks(contract_id=ended.id)
    assert [(each["state"], each["reason"]) for each in tasks] == [("dropped", "contract_goes_on")] * 3

    later = ContractEnded(**ended.about(), ends_on=DECEMBER + timedelta(days=9))
    care.clock.move_to(midnight("2026-12-10"))
    await care.given(later, version=11)
    tasks = await care.tasks(contract_id=ended.id)
    assert sorted((each["state"], each["errand"]) for each in tasks) == [
        (state, errand) for state in ("dropped", "open") for errand in ("account", "call", "display")
    ]


async def test_a_renewal_that_is_signed_late_ends_what_was_owed(care: Care) -> None:
    ended = Ended(care, await care.customer())
    await ended.runs_out()

    await ended.is_followed()

    assert {(each["state"], each["reason"]) for each in (await ended.tasks()).values()} == {
        ("dropped", "contract_goes_on")
    }


async def test_an_end_that_is_told_anew_drops_what_was_owed_or_owes_it_again_once(care: Care) -> None:
    ended = Ended(care, await care.customer())

    async def told(version: int, *, renewed: bool) -> list[str]:
        fact = ContractEnded(**ended.about(), ends_on=DECEMBER, renewed=renewed)
        await care.given(fact, version=version)
        return sorted(each["state"] for each in await care.tasks(contract_id=ended.id))

    assert await told(5, renewed=True) == []
    assert await told(6, renewed=False) == ["open"] * 3
    assert await told(7, renewed=False) == ["open"] * 3
    assert await told(8, renewed=True) == ["dropped"] * 3
    assert await told(9, renewed=False) == ["dropped"] * 3 + ["open"] * 3


async def test_the_table_has_versions_and_what_has_begun_stays(care: Care) -> None:
    before = Ended(care, await care.customer())
    await before.does("aftercare", 5)
    path, headers = "/care/v1/aftercare-policy", bearer("admin_dept", ADMINISTRATION)
    present = await care.http.get(path)
    assert [each["code"] for each in present.json()["errands"]] == ["call", "display", "account"]
    sign = {
        "code": "sign",
        "names": {"zh-CN": "拆除门头", "en": "Take the sign down"},
        "role": "salesperson",
        "contact": "visit",
        "after_days": 0,
        "within_days": 5,
    }

    async def put(*errands: dict[str, Any], tag: str | None) -> Any:
        given = headers | ({"If-Match": tag} if tag else {})
        return await care.http.put(path, json={"errands": errands}, headers=given)

    assert (await put(sign, tag=None)).json()["slug"] == "precondition-required"
    assert (await put(sign, sign, tag=present.headers["ETag"])).status_code == 422, "each code once"
    changed = await put(sign, tag=present.headers["ETag"])
    assert (changed.status_code, changed.json()["version"]) == (200, 2)
    assert (await put(tag=present.headers["ETag"])).json()["slug"] == "stale"
    after = Ended(care, before.customer)
    await after.does("aftercare", 5)

    assert set(await after.tasks()) == {"sign"}
    assert set(await before.tasks()) == {"call", "display", "account"}

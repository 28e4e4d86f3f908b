"""Cases driven by random people who do what they may and what they may not, held against a model of the domain's pages.

Whatever happens: states move by their table alone, what is refused changes nothing, history only grows, every version
has its event, a miss is told once and stays, and who reads the log alone knows how each case stands.
"""

import asyncio
import json
from collections import Counter
from collections.abc import Callable, Coroutine, Mapping
from contextlib import AsyncExitStack
from datetime import datetime, timedelta
from typing import Any, ClassVar, Final, TypeAlias, TypeVar
from uuid import UUID

import httpx
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

from shared.contracts.complaints import ComplaintClockMissed, ComplaintOverdue
from tests.complaints.building import (
    CS_MANAGER,
    GENERAL,
    SALESPERSON,
    SPECIALIST,
    SUPERVISOR,
    Complaints,
    as_role,
    case,
    complaints,
)
from tests.complaints.case_model import (
    ACCEPT,
    ANSWER,
    INVESTIGATE,
    MOVES,
    RESOLVE,
    ROLES,
    SERVICE,
    STEPS,
    Gift,
    ModelCase,
    Pause,
)
from tests.postgres import Databases, FreshDatabase
from tests.support import ADMIN_ID

T = TypeVar("T")
Row: TypeAlias = Mapping[str, Any]


STATEMENTS: Final = {
    "complaint": "SELECT * FROM complaint ORDER BY id",
    "case_entry": "SELECT complaint_id, id, what, md5(t::text) AS content FROM case_entry t ORDER BY id",
    "event_log": "SELECT id, type, aggregate_id, aggregate_version AS version, historical, data::text AS data "
    "FROM event_log ORDER BY id",
    "case_clock": "SELECT * FROM case_clock ORDER BY complaint_id, round, kind",
    "complaint_round": "SELECT * FROM complaint_round ORDER BY complaint_id, round",
    "breach": "SELECT complaint_id, round, level, staff_id, due_at, noticed_at FROM breach ORDER BY 1, 2, 3",
    "waiting": "SELECT complaint_id FROM compensation WHERE state = 'awaits_approval' ORDER BY id",
    "others": "SELECT "
    + ", ".join(
        f"(SELECT md5(string_agg(t::text, '|' ORDER BY t::text)) FROM {table} t) AS {table}"
        for table in ("case_step", "clock_pause", "compensation", "notice", "satisfaction", "solution", "case_link")
    ),
}
TOLD_OF_ITSELF: Final = (
    "opened", "warned", "overdue", "escalated", "clock_warned", "clock_missed", "clock_escalated",
)  # fmt: skip
Everything: TypeAlias = dict[str, list[dict[str, Any]]]
IDS: Final = {
    "specialist": SPECIALIST,
    "supervisor": SUPERVISOR,
    "cs_manager": CS_MANAGER,
    "salesperson": SALESPERSON,
    "general": GENERAL,
    "admin": ADMIN_ID,
}
people = st.one_of(st.sampled_from(["cs_manager", "administration", "admin"]), st.sampled_from(sorted(ROLES)))
"""Those who may most come often, so that much happens, and everybody comes."""
minutes = st.sampled_from([1, 10, 29, 30, 45, 60, 119, 240, 700])
picks = st.integers(0, 5)


LEVELS: Final = {
    "before": [{"percent": 50}],
    "after": [
        {"delay": "PT0S", "recipient": "concerned"},
        {"delay": "PT30M", "recipient": "supervisor"},
        {"delay": "PT1H", "recipient": "general_manager"},
    ],
}


class Machine(RuleBasedStateMachine):
    """Each rule lets somebody do something, to whichever of the cases the number picks."""

    url: ClassVar[str]
    loop: ClassVar[asyncio.AbstractEventLoop]

    def __init__(self) -> None:
        super().__init__()
        self.cases: list[ModelCase] = []
        self.links: dict[str, tuple[ModelCase, str]] = {}
        self.stack = AsyncExitStack()
        self.ids = dict(IDS)
        self.seen: Everything = {}

    def run(self, working: Coroutine[Any, Any, T]) -> T:
        return self.loop.run_until_complete(working)

    @initialize()
    def open_the_house(self) -> None:
        self.run(self._open())

    async def _open(self) -> None:
        databases = Databases(self.url)
        self.stack.push_async_callback(databases.drop_made)
        self.service: Complaints = await self.stack.enter_async_context(complaints(databases.fresh))
        self.ids["administration"] = await self.service.colleague("admin_dept")
        self.names = {id_: name for name, id_ in self.ids.items()}
        for path, body in (
            ("/solution-policies", {"required": True}),
            ("/clock-policies", {"kind": "investigate", "answer_within": "PT1H", "levels": LEVELS}),
            ("/clock-policies", {"kind": "resolve", "answer_within": "PT10H", "levels": LEVELS}),
        ):
            assert (await self.service.post(path, body)).status_code == 201
        self.seen = await self._everything()

    def teardown(self) -> None:
        self.run(self.stack.aclose())

    @property
    def now(self) -> datetime:
        return self.service.clock.now()

    async def _everything(self) -> Everything:
        async with self.service.database.connection() as reader:
            return {
                name: [dict(row.items()) for row in await reader.fetch(statement)]
                for name, statement in STATEMENTS.items()
            }

    def case(self, pick: int) -> ModelCase:
        return self.cases[pick % len(self.cases)]

    def act(
        self,
        who: str,
        path: str,
        body: Mapping[str, Any] | None,
        may: bool | None,
        then: Callable[[httpx.Response], None] = lambda _: None,
        method: str = "POST",
    ) -> None:
        """Somebody tries something; where `may` is None, both are right."""
        headers = {**as_role(ROLES[who], self.ids[who]), "If-Match": "*"}
        asked = self.service.http.request(method, f"/complaints/v1/complaints{path}", json=body, headers=headers)
        answer = self.run(asked)
        done = answer.is_success
        told = f"{who}: {method} {path} {body}: {answer.status_code} {answer.text}"
        assert may is None or done == may, told
        assert done or answer.status_code in (403, 404, 409, 422), told
        before, self.seen = self.seen, self.run(self._everything())
        if done:
            then(answer)
            self.hold(before)
        else:
            assert self.seen == before, f"refused, and yet something changed: {told}"

    # what people do

    @rule(who=people, against=st.booleans(), old=st.sampled_from([False, False, True]))
    def record(self, who: str, against: bool, old: bool) -> None:
        if len(self.cases) > 3:
            return
        began = self.now - timedelta(days=2) if old else self.now
        fields: dict[str, Any] = {"against": {"type": "person", "id": str(SALESPERSON)}} if against else {}
        if old:
            fields["recorded_at"] = began.isoformat()

        def recorded(answer: httpx.Response) -> None:
            new = answer.json()
            [row] = [row for row in self.seen["complaint"] if str(row["id"]) == new["id"]]
            takes = ROLES[who] in ("cs_specialist", "cs_manager")
            assert not against or row["responsible_id"] != SALESPERSON
            accountable = "salesperson" if against else None
            handler = self.names.get(row["responsible_id"])
            taken = began if takes else None
            self.cases.append(
                ModelCase(
                    new["id"],
                    new["number"],
                    who,
                    began,
                    handler,
                    accountable,
                    taken,
                    began,
                    taken_over=old,
                    recorded_against=accountable,
                )
            )

        self.act(who, "", case(**fields), not old or who in ("administration", "admin"), recorded)

    @precondition(lambda self: self.cases)
    @rule(who=people, pick=picks)
    def accept(self, who: str, pick: int) -> None:
        it = self.case(pick)

        def taken(_: httpx.Response) -> None:
            it.accepted = self.now
            if who != "admin":
                it.hand_to(who)

        may = who in ("specialist", "supervisor", "cs_manager", "admin") and it.accepted is None and it.state == "open"
        may = may and who not in it.accused
        self.act(who, f"/{it.id}/accept", {}, may, taken)

    @precondition(lambda self: self.cases)
    @rule(who=people, pick=picks, state=st.sampled_from(["answered", "resolved"]))
    def answer(self, who: str, pick: int, state: str) -> None:
        it = self.case(pick)
        may = who in SERVICE - it.accused and (it.state == "open" or (state, it.state) == ("resolved", "answered"))
        path = {"answered": "answer", "resolved": "resolve"}[state]
        self.act(who, f"/{it.id}/{path}", {"text": "同意"}, may, lambda _: it.answer(who, state, self.now))

    @precondition(lambda self: self.cases)
    @rule(who=people, pick=picks)
    def close(self, who: str, pick: int) -> None:
        it = self.case(pick)
        children = [each for each in self.cases if each.parent is it]

        def closed(_: httpx.Response) -> None:
            it.state = "closed"

        self.act(who, f"/{it.id}/close", {}, it.may_close(who, children), closed)

    @precondition(lambda self: self.cases)
    @rule(who=people, pick=picks)
    def reopen(self, who: str, pick: int) -> None:
        it = self.case(pick)
        self.act(who, f"/{it.id}/reopen", {}, it.may_reopen(who), lambda _: it.reopen(self.now))

    @precondition(lambda self: self.cases)
    @rule(who=people, pick=picks, length=minutes)
    def pause(self, who: str, pick: int, length: int) -> None:
        it = self.case(pick)
        free = it.state == "open" and not it.paused(self.now) and not it.late(self.now)
        may = who in SERVICE - it.accused and free

        def paused(_: httpx.Response) -> None:
            it.take(self.now)
            it.pauses.append(Pause(self.now, self.now + timedelta(minutes=length)))

        self.act(who, f"/{it.id}/pause", {"text": "等回复", "at_most": f"PT{length}M"}, may, paused)

    @precondition(lambda self: self.cases)
    @rule(who=people, pick=picks)
    def resume(self, who: str, pick: int) -> None:
        it = self.case(pick)
        may = who in SERVICE and it.state == "open" and it.paused(self.now)

        def resumed(_: httpx.Response) -> None:
            it.pauses[-1].end = self.now

        self.act(who, f"/{it.id}/resume", {}, may, resumed)

    @precondition(lambda self: self.cases)
    @rule(who=people, pick=picks, step=st.sampled_from(["record", *STEPS]), sends=st.booleans())
    def step(self, who: str, pick: int, step: str, sends: bool = False) -> None:
        """The reply is recorded, or sent and recorded by that."""
        it = self.case(pick)
        may = it.may_step(who, step)
        path = "reply" if step == "reply" and sends else f"steps/{step}"
        self.act(who, f"/{it.id}/{path}", {"text": "已办"}, may, lambda _: it.step(who, step, self.now))

    @precondition(lambda self: self.cases)
    @rule(who=people, pick=picks, far=st.integers(1, 10))
    def go_on(self, who: str, pick: int, far: int) -> None:
        """So much of the way to the end, so that chance gets there too."""
        for _ in range(far):
            self.next_on_the_way(who, pick)

    @precondition(lambda self: self.cases)
    @rule(who=people, pick=picks)
    def go_to_the_end(self, who: str, pick: int) -> None:
        while not self.may_not_go_on(self.case(pick)):
            self.next_on_the_way(who, pick)

    def may_not_go_on(self, it: ModelCase) -> bool:
        held = it.awaits_a_gift() or any(each.parent is it and each.state != "closed" for each in self.cases)
        return it.state == "closed" or (it.state == "resolved" and held and not set(STEPS) - set(it.done))

    def next_on_the_way(self, who: str, pick: int) -> None:
        it = self.case(pick)
        missing = [step for step in STEPS if step not in it.done]
        if it.solution == "awaits":
            self.decide("general" if it.may_decide_solution("general") else "cs_manager", pick, True)
        elif missing and it.state != "closed":
            able = [each for each in sorted(ROLES) if it.may_step(each, missing[0])]
            self.step(who if who in able else able[0], pick, missing[0])
        elif it.state in ("open", "answered"):
            self.answer("cs_manager", pick, "resolved")
        else:
            self.close("cs_manager", pick)

    @precondition(lambda self: self.cases)
    @rule(who=people, pick=picks, approve=st.booleans())
    def decide(self, who: str, pick: int, approve: bool) -> None:
        it = self.case(pick)

        def decided(_: httpx.Response) -> None:
            it.solution = "approved" if approve else "refused"
            if not approve:
                it.done.remove("propose")

        body = {"approve": approve, "reason": "因为"}
        self.act(who, f"/{it.id}/solution/approval", body, it.may_decide_solution(who), decided)

    @precondition(lambda self: self.cases)
    @rule(who=people, pick=picks, valid=st.booleans())
    def judge(self, who: str, pick: int, valid: bool) -> None:
        may = who in ("administration", "cs_manager", "admin")
        body = {"valid": valid, "good_faith": True, "reasons": "查实"}
        self.act(who, f"/{self.case(pick).id}/judgement", body, may)

    @precondition(lambda self: self.cases)
    @rule(who=people, pick=picks, perceived=st.sampled_from([3, 5]))
    def score(self, who: str, pick: int, perceived: int) -> None:
        it = self.case(pick)
        may = it.may_score(who) and it.state != "open" and not it.scored

        def scored(_: httpx.Response) -> None:
            it.scored = True
            if perceived < 5:
                if it.parent is not None and it.parent.state == "closed":
                    it.parent = None
                    del self.links[it.id]
                it.reopen(self.now)

        self.act(who, f"/{it.id}/satisfaction", {"perceived": perceived, "expected": 5}, may, scored)

    @precondition(lambda self: self.cases)
    @rule(who=people, pick=picks, to=st.sampled_from(["salesperson", "specialist"]))
    def notice(self, who: str, pick: int, to: str) -> None:
        it = self.case(pick)

        def noticed(_: httpx.Response) -> None:
            it.notice, it.accountable, it.acknowledged = to, to, False
            if it.handler in it.accused:
                it.hand_to(self.names.get(self.row(it)["responsible_id"]))
                assert it.handler not in it.accused

        deadline = (self.now + timedelta(hours=2)).isoformat()
        body = {"to": str(self.ids[to]), "demand": "请答复", "deadline": deadline}
        self.act(who, f"/{it.id}/notice", body, who in SERVICE and it.state != "closed", noticed)

    @precondition(lambda self: self.cases)
    @rule(who=people, pick=picks)
    def acknowledge(self, who: str, pick: int) -> None:
        it = self.case(pick)
        may = it.notice == who and (it.acknowledged or it.state != "closed") and it.seen_by(who)

        def acknowledged(_: httpx.Response) -> None:
            it.acknowledged = True

        self.act(who, f"/{it.id}/notice/acknowledge", None, may, acknowledged)

    @precondition(lambda self: self.cases)
    @rule(who=people, pick=picks, to=st.sampled_from(["salesperson", "specialist", "supervisor"]))
    def assign(self, who: str, pick: int, to: str) -> None:
        it = self.case(pick)
        may = who in ("cs_manager", "administration", "admin") and to != "salesperson" and to not in it.accused
        path, body = f"/{it.id}/responsible", {"staff_id": str(self.ids[to])}
        self.act(who, path, body, may, lambda _: it.hand_to(to), method="PUT")

    @precondition(lambda self: self.cases)
    @rule(who=people, pick=picks, subject=st.sampled_from(["product", "delivery"]))
    def correct(self, who: str, pick: int, subject: str) -> None:
        it = self.case(pick)
        may = who in ("cs_manager", "administration", "admin") and it.subject != subject

        def corrected(_: httpx.Response) -> None:
            it.subject = subject

        self.act(who, f"/{it.id}/correction", {"subject": subject, "reason": "记错了"}, may, corrected)

    @precondition(lambda self: self.cases)
    @rule(who=people, pick=picks, other=picks)
    def adopt(self, who: str, pick: int, other: int) -> None:
        parent, child = self.case(pick), self.case(other)
        free = child.parent is None and child not in (parent, *parent.ancestors())

        def adopted(answer: httpx.Response) -> None:
            child.parent = parent
            self.links[child.id] = parent, answer.json()["id"]

        body = {"other_id": child.id, "relation": "child"}
        self.act(who, f"/{parent.id}/links", body, who in SERVICE and parent.state != "closed" and free, adopted)

    @precondition(lambda self: self.links)
    @rule(who=people, pick=picks)
    def let_go(self, who: str, pick: int) -> None:
        child_id = sorted(self.links)[pick % len(self.links)]
        parent, link_id = self.links[child_id]

        def let_go(_: httpx.Response) -> None:
            del self.links[child_id]
            next(each for each in self.cases if each.id == child_id).parent = None

        self.act(who, f"/{parent.id}/links/{link_id}", None, who in SERVICE, let_go, method="DELETE")

    @precondition(lambda self: self.cases)
    @rule(who=people, pick=picks, cost=st.sampled_from(["50.00", "100000.00"]))
    def give(self, who: str, pick: int, cost: str) -> None:
        it = self.case(pick)

        def given(answer: httpx.Response) -> None:
            it.gifts.append(Gift(answer.json()["id"], who, answer.status_code == 202, cost == "50.00"))
            assert it.gifts[-1].waits or cost == "50.00" or who in ("general", "admin")

        body = {"kind": "goods", "cost": cost, "text": "面霜"}
        self.act(who, f"/{it.id}/compensations", body, it.may_ask(who), given)

    @precondition(lambda self: any(each.gifts for each in self.cases))
    @rule(who=people, pick=picks, approve=st.booleans())
    def approve(self, who: str, pick: int, approve: bool) -> None:
        it = next(each for each in self.cases if each.gifts)
        gift = it.gifts[pick % len(it.gifts)]

        def decided(answer: httpx.Response) -> None:
            if answer.status_code == 202:
                return  # the limit of who was asked does not suffice any longer: it waits for the next
            gift.waits, gift.stands, gift.granted_by = False, approve, who if approve else None

        may: bool | None = it.state != "closed" and gift.waits and gift.asked_by != who and who in ("general", "admin")
        if gift.waits and gift.asked_by != who and not may and gift.small:
            may = None
        body = {"approve": approve, "reason": "因为"}
        self.act(who, f"/{it.id}/compensations/{gift.id}/approval", body, may, decided)

    @precondition(lambda self: any(each.gifts for each in self.cases))
    @rule(who=people, pick=picks)
    def take_back(self, who: str, pick: int) -> None:
        it = next(each for each in self.cases if each.gifts)
        gift = it.gifts[pick % len(it.gifts)]

        def gone(_: httpx.Response) -> None:
            gift.waits = gift.stands = False

        path = f"/{it.id}/compensations/{gift.id}/withdrawal"
        self.act(who, path, {"reason": "因为"}, it.seen_by(who) and gift.may_go(who), gone)

    @precondition(lambda self: self.cases)
    @rule(who=people, pick=picks, dry_run=st.booleans())
    def recalculate(self, who: str, pick: int, dry_run: bool) -> None:
        """The policies say what they said, so that nothing changes; clocks that nobody has begun begin at last."""
        it, before = self.case(pick), self.seen
        may = who in ("administration", "admin") and not it.paused(self.now)
        self.act(who, f"/{it.id}/clocks/recalculation", {"reason": "因为", "dry_run": dry_run}, may)
        assert (self.seen if dry_run else {**self.seen, "case_clock": before["case_clock"]}) == before

    @precondition(lambda self: self.cases)
    @rule(who=people, pick=picks)
    def note(self, who: str, pick: int) -> None:
        it = self.case(pick)
        self.act(who, f"/{it.id}/notes", {"text": "记一下"}, it.seen_by(who))

    # what happens by itself

    @rule(length=minutes)
    def time_passes(self, length: int) -> None:
        self.service.clock.forward(timedelta(minutes=length))

    @precondition(lambda self: self.cases)
    @rule()
    def timers_run(self) -> None:
        """Everything that is due is noticed, each with its own moment."""

        async def all_due() -> None:
            while await self.service.run_loops("complaints.clocks"):
                pass

        self.by_itself(all_due())
        for it in self.cases:
            row = self.row(it)
            if it.past:
                continue
            assert it.late(self.now) == (row["breached_at"] is not None), it
            for clock in self.clocks(it):
                due = self.due_of(it, clock["kind"])
                running = clock["stopped_at"] is None and due is not None and due <= self.now
                assert not running or clock["breached_at"] == due, (it, clock)

    @precondition(lambda self: self.cases)
    @rule()
    def news_is_heard(self) -> None:
        """What follows a recording: its clocks begin, and it is given out."""
        self.by_itself(self.service.hear_own())
        for it in self.cases:
            it.hand_to(self.names.get(self.row(it)["responsible_id"]))

    def by_itself(self, working: Coroutine[Any, Any, object]) -> None:
        self.run(working)
        before, self.seen = self.seen, self.run(self._everything())
        self.hold(before)

    # what holds whatever happened

    def row(self, it: ModelCase) -> Row:
        return next(row for row in self.seen["complaint"] if str(row["id"]) == it.id)

    def clocks(self, it: ModelCase) -> list[dict[str, Any]]:
        """Of the present round."""
        return [
            row for row in self.seen["case_clock"] if str(row["complaint_id"]) == it.id and row["round"] == it.round
        ]

    def due_of(self, it: ModelCase, kind: str) -> datetime | None:
        if kind == "accept":
            return it.recorded + ACCEPT
        return it.due({"investigate": INVESTIGATE, "resolve": RESOLVE}[kind], self.now)

    def hold(self, before: Everything) -> None:
        moves(before["complaint"], self.seen["complaint"])
        only_grew(before, self.seen)
        once(self.seen)
        silent(self.seen)
        for it in self.cases:
            self.as_the_model_says(it)
            replayed(self.row(it), [event for event in self.seen["event_log"] if str(event["aggregate_id"]) == it.id])
        by_id = {row["id"]: row for row in self.seen["complaint"]}
        for row in before["complaint"]:
            parent = by_id.get(by_id[row["id"]]["parent_id"])
            over = parent is not None and parent["state"] == "closed"
            assert not over or by_id[row["id"]]["state"] == "closed", "a child is open below a parent that is closed"
        closed = {row["id"] for row in self.seen["complaint"] if row["state"] == "closed"}
        waiting = {row["complaint_id"] for row in self.seen["waiting"]}
        assert not closed & waiting, "a case was closed over what awaits approval"

    def as_the_model_says(self, it: ModelCase) -> None:
        row = self.row(it)
        assert (row["state"], row["round"], row["subject"]) == (it.state, it.round, it.subject)
        assert self.names.get(row["responsible_id"]) == it.handler
        assert self.names.get(row["accountable_id"]) == it.accountable
        assert row["accepted_at"] == it.accepted
        assert row["stopped_at"] == it.stopped, "an answered clock stands"
        due = it.due(ANSWER, self.now)
        if it.stopped is not None:
            assert row["next_alarm_at"] is None, "nothing is said of an answered clock"
        shown = self.run(self.service.read(it.id))
        assert (shown["paused"], shown["overdue"]) == (it.paused(self.now), it.late(self.now))
        assert shown["answer_due_at"] == (due and due.isoformat().replace("+00:00", "Z"))
        if not it.past:
            self.missed_as_the_model_says(it, row)

    def missed_as_the_model_says(self, it: ModelCase, row: Row) -> None:
        due = it.due(ANSWER, self.now)
        assert row["breached_at"] in (None, due), "a miss has its own moment"
        if it.stopped is not None:
            assert (row["breached_at"] is not None) == it.late(self.now)
        for clock in self.clocks(it):
            due = self.due_of(it, clock["kind"])
            assert clock["breached_at"] in (None, due), (it, clock)
            if clock["stopped_at"] is not None and due is not None:
                assert (clock["breached_at"] is not None) == (clock["stopped_at"] >= due), (it, clock)


def moves(before: list[dict[str, Any]], after: list[dict[str, Any]]) -> None:
    """States move by their table (decision 14), versions and rounds go forward, and a miss stays for its round."""
    now = {row["id"]: row for row in after}
    assert {row["id"] for row in before} <= set(now)
    for was in before:
        row = now[was["id"]]
        assert row["version"] >= was["version"]
        assert row["state"] == was["state"] or row["state"] in MOVES[was["state"]]
        opened_again = was["state"] != "open" and row["state"] == "open"
        assert row["round"] == was["round"] + opened_again
        if not opened_again:
            assert row["breached_at"] == was["breached_at"] or was["breached_at"] is None, "a miss is taken back"
            assert row["escalation_level"] >= was["escalation_level"]


def by_people(entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Without what the news of recording and of clocks brings after the fact, at its own place among these."""
    return [entry for entry in entries if entry["what"].partition(":")[0] not in TOLD_OF_ITSELF]


def only_grew(before: Everything, after: Everything) -> None:
    """What was said, told and noticed stays as it was; of ended rounds nothing changes at all."""
    assert after["event_log"][: len(before["event_log"])] == before["event_log"]
    done = by_people(before["case_entry"])
    assert by_people(after["case_entry"])[: len(done)] == done, "what people did comes in its order"
    for table in ("case_entry", "complaint_round", "breach"):
        assert [row for row in before[table] if row not in after[table]] == [], table
    clocks = {(row["complaint_id"], row["round"], row["kind"]): row for row in after["case_clock"]}
    for was in before["case_clock"]:
        row = clocks[was["complaint_id"], was["round"], was["kind"]]
        assert was["breached_at"] in (None, row["breached_at"])
        assert was["stopped_at"] in (None, row["stopped_at"])
        heard = json.loads(was["told"] or "[]")
        assert json.loads(row["told"] or "[]")[: len(heard)] == heard, "who was told stays told"


def once(seen: Everything) -> None:
    """A miss is told once a round, and of each kind at most one clock runs."""
    told = Counter(
        (event["type"], event["aggregate_id"], data["round"], data.get("clock"))
        for event in seen["event_log"]
        if event["type"] in (ComplaintOverdue.TYPE, ComplaintClockMissed.TYPE)
        for data in [json.loads(event["data"])]
    )
    assert max(told.values(), default=0) <= 1, told
    kept = {
        *(
            (ComplaintOverdue.TYPE, row["id"], row["round"], None)
            for row in seen["complaint"]
            if row["breached_at"] is not None
        ),
        *(
            (ComplaintOverdue.TYPE, row["complaint_id"], row["round"], None)
            for row in seen["complaint_round"]
            if row["breached_at"] is not None
        ),
        *(
            (ComplaintClockMissed.TYPE, row["complaint_id"], row["round"], row["kind"])
            for row in seen["case_clock"]
            if row["breached_at"] is not None
        ),
    }
    assert set(told) == kept, "what is kept of misses is what was told"
    for row in seen["case_clock"]:
        heard = json.loads(row["told"] or "[]")
        levels = [each.get("level", 0) for each in heard]
        persons = [each["staff_id"] for each in heard if "level" in each and "staff_id" in each]
        assert levels == sorted({*levels}), row
        assert len(persons) == len({*persons}), "nobody hears twice of one miss"
    running = Counter((row["complaint_id"], row["kind"]) for row in seen["case_clock"] if row["stopped_at"] is None)
    assert max(running.values(), default=0) <= 1, running


def named(*names: str, **more: Any) -> Callable[[Row], Row]:
    """What an event says of a case by these names."""
    return lambda data: {**{name: data[name] for name in names}, **more}


TOLD: Final[Mapping[str, Callable[[Row], Row]]] = {
    "opened": named("subject", "responsible_id", "accountable_id", "accepted_by", "round", state="open"),
    "answered": named(state="answered"),
    "resolved": named(state="resolved"),
    "closed": named(state="closed"),
    "reopened": named("round", state="open"),
    "assigned": named("responsible_id"),
    "accepted": lambda data: {"accepted_by": data["staff_id"]},
    "noticed": lambda data: {"accountable_id": data["to_id"]},
    "judged": named("valid", "good_faith"),
    "corrected": named("subject"),
    "linked": lambda data: (
        {"parent_id": None if data["undone"] else data["other_id"]} if data["relation"] == "parent" else {}
    ),
}


def silent(seen: Everything) -> None:
    """History is silent: nothing of before a takeover is told but as history (decision 15)."""
    for row in seen["complaint"]:
        news = [each for each in seen["event_log"] if each["aggregate_id"] == row["id"] and not each["historical"]]
        told = [json.loads(event["data"])["at"] for event in news]
        assert not row["taken_over"] or all(datetime.fromisoformat(at) >= row["registered_at"] for at in told), told


def replayed(row: Row, events: list[dict[str, Any]]) -> None:
    """Who reads the log alone knows how the case stands; each version has its event."""
    versions = [event["version"] for event in events]
    assert versions == sorted(versions)
    assert sorted(set(versions)) == list(range(1, row["version"] + 1)), "a version without an event"
    read: dict[str, Any] = dict.fromkeys(("valid", "good_faith", "parent_id"))
    for event in events:
        tells = TOLD.get(event["type"].removeprefix("crm.complaint."), named())
        read |= tells(json.loads(event["data"]))
    stands = {name: str(row[name]) if isinstance(row[name], UUID) else row[name] for name in read}
    assert stands == read


DRIVEN: Final = {
    "accept", "answer", "resolve", "close", "reopen", "pause", "resume", "steps/{step}", "solution/approval",
    "judgement", "satisfaction", "reply", "notice", "notice/acknowledge", "responsible", "correction", "notes",
    "links", "links/{link_id}",
    "compensations", "compensations/{compensation_id}/approval", "compensations/{compensation_id}/withdrawal",
    "clocks/recalculation",
}  # fmt: skip
ELSEWHERE: Final = {
    "files", "files/{file_id}/removal", "first-reply/read", "reply/check", "shares", "replies/{reply_id}/read",
    "replies/{reply_id}/posted", "penalties", "reaction", "safety-report",
}  # fmt: skip
"""Files, letters, shares, penalties, reactions leave the case as it stands; tests of their own drive them."""


async def test_every_movement_of_a_case_is_driven(fresh_database: FreshDatabase) -> None:
    """A new one gets a rule of the machine, and its place in the model."""
    async with complaints(fresh_database) as service:
        paths = service.app.openapi()["paths"]
        below = "/complaints/v1/complaints/{id}/"
        moving = {
            path.removeprefix(below) for path, does in paths.items() if path.startswith(below) and {*does} - {"get"}
        }

        assert {path.removeprefix(below) for path in moving} == DRIVEN | ELSEWHERE


EXAMPLES, STEPS_EACH = 12, 40


def test_cases_hold_whatever_people_do(postgres_url: str) -> None:
    """The same walks each time, so that a change is judged by what it changes."""
    Machine.url = postgres_url
    Machine.loop = asyncio.new_event_loop()
    try:
        run_state_machine_as_test(
            Machine,
            settings=settings(
                max_examples=EXAMPLES,
                stateful_step_count=STEPS_EACH,
                deadline=None,
                derandomize=True,
                database=None,
                phases=[Phase.generate],  # a walk is read as it is: making it shorter takes minutes
                suppress_health_check=list(HealthCheck),
            ),
        )
    finally:
        Machine.loop.close()

"""A seeded stream of believable events over all contracts: what a network of stores might publish in two months.

Each aggregate's events are valid and in order; how the topics and keys are mixed on the way is `arrivals`' choice.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import count
from random import Random
from typing import Literal, get_args
from uuid import UUID

from shared.auth.principal import STAFF_ROLES
from shared.bus.event import Event
from shared.contracts import (
    care,
    clocks,
    complaints,
    customers,
    erasures,
    letters,
    merging,
    safety,
    settlements,
    withdrawing,
)
from shared.contracts.base import Fact
from shared.ids import new_id
from tests.reporting.money import Money, Payer
from tests.support import START

TIERS: tuple[customers.Tier, ...] = get_args(customers.Tier)
SUBJECTS = ("product", "service", "attitude", "delivery")
FOUR_HOURS = timedelta(hours=4)


class Network:
    """Tells the story of some customers; `events` is what was published, in the order in which it happened."""

    def __init__(self, seed: int, customers: int = 6) -> None:
        self._random = Random(seed)
        self._versions: defaultdict[UUID, Iterator[int]] = defaultdict(lambda: count(1))
        self._numbers = count(1)
        self._told: list[Event] = []
        self.now = START
        self.staff = [new_id() for _ in range(5)]
        self._department = new_id()
        self.regions = [new_id() for _ in range(2)]
        self.brands = [new_id() for _ in range(2)]
        self._directory()
        self._merged_before: UUID | None = None
        for _ in range(customers):
            self._customer()
        self._erase()
        self._withdraw()
        for number in range(1, 3):
            self._close(f"2026-{number:02d}")
        self._money(turns=8 * customers)

    @property
    def events(self) -> Sequence[Event]:
        return sorted(self._told, key=lambda event: event.time)

    def _publish(self, fact: Fact, aggregate: UUID, *, at: datetime | None = None, historical: bool = False) -> None:
        version = next(self._versions[aggregate])
        self._told.append(
            Event.of(fact, aggregate_id=aggregate, version=version, at=at or self.now, historical=historical)
        )

    def _pass(self, most: timedelta) -> datetime:
        self.now += timedelta(seconds=self._random.uniform(1, most.total_seconds()))
        return self.now

    def _maybe(self, chance: float) -> bool:
        return self._random.random() < chance

    def _money(self, turns: int) -> None:
        """What colleagues pay and are paid, from the beginning on."""
        above = self.staff[0]
        people = [Payer(each, self._department, above if each != above else None) for each in self.staff]
        Money(self._random, people, START, self._publish_at).tell(turns)

    def _publish_at(self, fact: Fact, aggregate: UUID, at: datetime) -> None:
        self._publish(fact, aggregate, at=at)

    def _directory(self) -> None:
        department = self._department
        self._publish(customers.DepartmentListed(department_id=department, name="客户部"), department)
        for region in self.regions:
            self._publish(customers.RegionListed(region_id=region, name="华东"), region)
        for brand in self.brands:
            self._publish(customers.BrandListed(brand_id=brand, name="雅", grade="mid"), brand)
        for member in self.staff:
            role = self._random.choice(STAFF_ROLES)
            for name in ("李", "李娜"):
                listed = customers.StaffListed(staff_id=member, name=name, role=role, department_id=department)
                self._publish(listed, member)

    def _customer(self) -> None:
        self.now = START + timedelta(hours=self._random.uniform(0, 24))
        customer_id, region = new_id(), self._random.choice(self.regions)
        number = f"N{next(self._numbers)}"
        self._publish(
            customers.CustomerRegistered(
                customer_id=customer_id,
                kind="store",
                external_no=number,
                region_id=region,
                registered_at=self.now,
            ),
            customer_id,
        )
        listed = customers.StoreListed(customer_id=customer_id, name=f"美容院 {number}")
        self._publish(listed, customer_id)
        team = {role: self._random.choice(self.staff) for role in self._random.sample(STAFF_ROLES, 3)}
        self._publish(customers.AccountTeamChanged(customer_id=customer_id, team=team), customer_id)
        for _ in range(self._random.randrange(5, 25)):
            self._pass(timedelta(days=4))
            self._random.choice([self._purchase, self._tier, self._complaint, self._touch, self._message])(customer_id)
        if self._merged_before is not None and self._maybe(0.6):
            stands = self._merge(self._merged_before, customer_id)
            self._merged_before = customer_id if stands else None  # who may be merged in turn
        else:
            self._merged_before = customer_id
        if self._maybe(0.3):
            updated = customers.CustomerUpdated(customer_id=customer_id, kind="store", external_no=number + "x")
            self._publish(updated, customer_id)

    def _erase(self) -> None:
        """A person buys, and is erased; what was bought stays."""
        customer_id, erasure_id = new_id(), new_id()
        self._publish(
            customers.CustomerRegistered(customer_id=customer_id, kind="person", registered_at=self.now), customer_id
        )
        self._purchase(customer_id)
        erased = erasures.PersonErased(
            erasure_id=erasure_id, person_id=customer_id, kind="customer", customer_id=customer_id, at=self.now
        )
        self._publish(erased, erasure_id)

    def _withdraw(self) -> None:
        """An import registers somebody, and is undone."""
        customer_id = new_id()
        registered = customers.CustomerRegistered(customer_id=customer_id, kind="store", registered_at=self.now)
        self._publish(registered, customer_id, historical=True)
        gone = withdrawing.CustomerWithdrawn(customer_id=customer_id, at=self._pass(timedelta(days=1)))
        self._publish(gone, customer_id, historical=True)

    def _merge(self, merged_id: UUID, into_id: UUID) -> bool:
        """One was a duplicate of the other; whether it is so after all."""
        merge_id, told_of = new_id(), self._random.choice((1, 1, 2))
        for contract in (merging.CustomerMerged, merging.CustomerUnmerged)[:told_of]:
            at = self._pass(timedelta(days=1))
            for customer_id in (merged_id, into_id):
                told = contract(customer_id=customer_id, merge_id=merge_id, merged_id=merged_id, into_id=into_id, at=at)
                self._publish(told, customer_id)
            self._purchase(merged_id)
        return told_of == 1

    def _purchase(self, customer_id: UUID) -> None:
        purchase_id, brand_id = new_id(), self._random.choice(self.brands)
        amount = Decimal(self._random.randrange(0, 500_000)) / 100
        late = self.now - timedelta(days=self._random.choice([0, 0, 40]))
        bought = customers.PurchaseRecorded(
            customer_id=customer_id, purchase_id=purchase_id, brand_id=brand_id, amount=amount, occurred_at=late
        )
        self._publish(bought, purchase_id, historical=self._maybe(0.3))
        if self._maybe(0.2):
            returned = customers.PurchaseReturned(
                customer_id=customer_id,
                purchase_id=purchase_id,
                return_id=new_id(),
                amount=-amount,
                occurred_at=self._pass(timedelta(days=1)),
            )
            self._publish(returned, purchase_id)
            if self._maybe(0.5):
                self._undo(customer_id, purchase_id, amount, returned.occurred_at, return_id=returned.return_id)
                self._undo(customer_id, purchase_id, -amount, late)
        elif self._maybe(0.2):
            self._undo(customer_id, purchase_id, -amount, late)

    def _undo(
        self, customer_id: UUID, purchase_id: UUID, amount: Decimal, of: datetime, return_id: UUID | None = None
    ) -> None:
        undone = customers.PurchaseReversed(
            customer_id=customer_id,
            purchase_id=purchase_id,
            return_id=return_id,
            amount=amount,
            occurred_at=of,
            at=self.now,
        )
        self._publish(undone, purchase_id)

    def _tier(self, customer_id: UUID) -> None:
        before, after = self._random.sample(TIERS, 2)
        self._publish(
            customers.TierChanged(
                customer_id=customer_id,
                from_tier=before,
                to_tier=after,
                cause="purchase",
                total=Decimal("3000.00"),
                policy_version=1,
                at=self.now,
            ),
            customer_id,
        )

    def _complaint(self, customer_id: UUID) -> None:
        case = Case(self, customer_id if self._maybe(0.9) else None)
        case.open(taken_over=self._maybe(0.2))
        solved = case.run_a_round()
        while solved and self._maybe(0.3):
            case.reopen()
            solved = case.run_a_round()
        if solved and self._maybe(0.5):
            case.close()

    def _touch(self, customer_id: UUID) -> None:
        task_id, role = new_id(), self._random.choice(STAFF_ROLES)
        contact: care.Contact = self._random.choice(get_args(care.Contact))
        kind = "obligation" if self._maybe(0.8) else "apology_call"
        assignee = self._random.choice([*self.staff, None])

        def said(at: datetime) -> dict[str, object]:
            return {
                "task_id": task_id,
                "customer_id": customer_id,
                "kind": kind,
                "role": role,
                "contact": contact,
                "assignee_id": assignee,
                "at": at,
            }

        for _ in range(self._random.randrange(1, 3)):
            due = self.now + timedelta(days=self._random.randrange(1, 30))
            planned = care.TouchPlanned.model_validate({**said(self.now), "not_before": self.now, "due_at": due})
            self._publish(planned, task_id)
        self._pass(timedelta(days=2))
        outcome = self._random.choice(["done", "missed", "good", "made_good", "withdrawn", "dropped", "open"])
        if outcome in ("missed", "good", "made_good", "withdrawn"):
            excuse = self._random.choice([None, "leave", "closed"])
            missed = {**said(self.now), "due_at": self.now, "excuse": excuse}
            self._publish(care.TouchMissed.model_validate(missed), task_id)
        if outcome == "made_good":
            self._make_good(said(self.now), task_id)
        if outcome == "withdrawn":
            withdrawn = care.TouchMissWithdrawn.model_validate({**said(self.now), "due_at": self.now})
            self._publish(withdrawn, task_id)
        if outcome in ("done", "good", "withdrawn"):
            done = {**said(self.now), "minutes": 12, "recorded_late": outcome == "withdrawn"}
            self._publish(care.TouchDone.model_validate(done), task_id)
        if outcome == "dropped":
            self._publish(care.TouchDropped.model_validate({**said(self.now), "reason": "tier"}), task_id)

    def _make_good(self, miss: dict[str, object], task_id: UUID) -> None:
        """Ordered; made good in time, not at all, or in time and entered late."""
        make_good_id, until = new_id(), self.now + timedelta(days=3)
        own = {**miss, "task_id": make_good_id, "kind": "make_good"}
        planned = {**own, "not_before": self.now, "due_at": until}
        ordered = {**miss, "until": until, "make_good_id": make_good_id}
        self._publish(care.TouchMakeGoodOrdered.model_validate(ordered), task_id)
        self._publish(care.TouchPlanned.model_validate(planned), make_good_id)
        self._pass(timedelta(days=3))
        late = {**ordered, "at": until}
        outcome = self._random.choice(["in time", "never", "entered late"])
        if outcome != "in time":
            self._publish(care.TouchMakeGoodMissed.model_validate(late), task_id)
        if outcome != "never":
            self._publish(care.TouchDone.model_validate({**own, "minutes": 9}), make_good_id)
            self._publish(care.TouchMadeGood.model_validate({**miss, "make_good_id": make_good_id}), task_id)

    def _message(self, customer_id: UUID) -> None:
        message_id = new_id()
        about = {
            "message_id": message_id,
            "customer_id": customer_id,
            "occasion": "tier_rise",
            "purpose": "relationship",
            "channel": "sms",
            "at": self.now,
        }
        if self._maybe(0.8):
            self._publish(care.MessageSent.model_validate(about), message_id)
        else:
            self._publish(care.MessageFailed.model_validate({**about, "reason": "bounced"}), message_id)
            withdrawn = care.ConsentWithdrawn(customer_id=customer_id, channel="sms", purpose="promotion", at=self.now)
            self._publish(withdrawn, new_id())

    def _close(self, month: str) -> None:
        month_id = new_id()
        for revision in range(1, self._random.randrange(2, 4)):
            shares: dict[str, customers.TierShare] = {
                tier: customers.TierShare(
                    customers=self._random.randrange(9),
                    amount=Decimal(self._random.randrange(10**6)),
                    share=Decimal("0.2500"),
                )
                for tier in TIERS
            }
            closed = customers.MonthClosed(
                month=month, revision=revision, closed_at=self.now, tiers=shares, moves={"C>A": revision}
            )
            self._publish(closed, month_id, historical=True)


class Case:
    """One complaint and its rounds."""

    def __init__(self, network: Network, customer_id: UUID | None) -> None:
        self._network = network
        self._random = network._random
        self._id = new_id()
        self._customer_id = customer_id
        self._round = 1
        self._due = network.now + FOUR_HOURS
        self._number = f"C-{next(network._numbers)}"
        self._historical = False

    def _publish(self, contract: type[Fact], **said: object) -> None:
        about = {
            "complaint_id": self._id,
            "customer_id": self._customer_id,
            "round": self._round,
            "at": self._network.now,
        }
        self._network._publish(contract.model_validate({**about, **said}), self._id, historical=self._historical)

    def open(self, *, taken_over: bool) -> None:
        self._historical = taken_over
        self._publish(
            complaints.ComplaintOpened,
            number=self._number,
            kind="complaint",
            subject=self._random.choice(SUBJECTS),
            channel="line",
            tier=self._random.choice(TIERS),
            responsible_id=self._random.choice(self._network.staff),
            accountable_id=self._random.choice([None, *self._network.staff]),
            answer_due_at=self._due,
            taken_over=taken_over,
            first_reply=not taken_over,
        )
        if not taken_over:
            self._publish(letters.ComplaintUnreached, number=self._number, reason="failed")
            unreached = {"reply_id": new_id(), "reason": "failed", "staff_id": new_id()}
            self._publish(letters.ComplaintReplyUnreached, number=self._number, **unreached)
            self._publish(letters.ComplaintFirstReply, channel="phone", staff_id=self._network.staff[0])
            self._publish(complaints.ComplaintWordsAdded)
        if self._random.random() < 0.3:
            for count in (2, 3):
                self._publish(complaints.ComplaintLinked, other_id=new_id(), relation="related", undone=count == 3)
                self._publish(complaints.ComplaintRepeated, number=self._number, count=count, of=new_id())
        if self._random.random() < 0.2:
            self._correct()
        if not taken_over:
            self._accept()

    def _correct(self) -> None:
        """The subject was another one."""
        self._publish(
            complaints.ComplaintCorrected,
            number=self._number,
            kind="complaint",
            subject=self._random.choice(SUBJECTS),
            tier=self._random.choice(TIERS),
            state="open",
            recorded_at=self._network.now,
            answer_due_at=self._due,
            accountable_id=self._random.choice(self._network.staff),
        )

    def _accept(self) -> None:
        """Somebody of customer service takes the case, in time or not."""
        within = timedelta(minutes=30)
        due = self._network.now + within
        if self._network._maybe(0.3):
            told = {"number": self._number, "clock": "accept", "due_at": due}
            staff_id = self._random.choice(self._network.staff)
            self._network.now = due - within / 2
            self._publish(clocks.ComplaintClockWarned, percent=50, staff_id=staff_id, **told)
            self._network.now = due
            self._publish(complaints.ComplaintClockMissed, staff_id=staff_id, **told)
            self._network.now += timedelta(minutes=1)
            self._publish(clocks.ComplaintClockEscalated, level=5, staff_id=staff_id, **told)
            within = timedelta(minutes=10)
        if self._network._maybe(0.9):
            in_time = self._network._pass(within) < due
            self._publish(
                complaints.ComplaintAccepted, staff_id=self._random.choice(self._network.staff), in_time=in_time
            )

    def run_a_round(self) -> bool:
        """Pauses and breaches on the way; whether it was solved in the end, or left alone."""
        if self._network._maybe(0.3) and not self._pause():
            return False
        if self._network._maybe(0.1) and self._network.now < self._due:
            self._recalculate()
        if self._network._maybe(0.4) and not self._historical:
            self._breach()
        if self._network._maybe(0.4):
            self._notice()
        how: Literal["answer", "solve", "nothing"] = self._random.choice(["answer", "solve", "nothing"])
        if how == "nothing":
            return False
        in_time = self._network._pass(timedelta(hours=3)) <= self._due
        if how == "answer":
            self._publish(complaints.ComplaintAnswered, in_time=in_time)
            self._network._pass(timedelta(hours=30))
            owner_id = self._random.choice(self._network.staff)
            self._publish(complaints.ComplaintStepDone, step="investigate", owner_id=owner_id)
            asked = {"number": self._number, "matter": "solution", "approver_ids": [owner_id]}
            self._publish(settlements.ComplaintApprovalAsked, **asked)
            self._publish(settlements.ComplaintSolutionDecided, approved=in_time)
            self._publish(complaints.ComplaintJudged, valid=True, good_faith=in_time)
            self._give()
        self._publish(complaints.ComplaintResolved, in_time=in_time, stopped_clock=how == "solve")
        if self._network._maybe(0.5):
            perceived, expected = (self._random.randrange(1, 11) for _ in range(2))
            self._publish(complaints.ComplaintSatisfactionGiven, perceived=perceived, expected=expected)
        return True

    def _react(self) -> None:
        """An adverse reaction comes to light, and is reported late."""
        due = self._network.now
        about = {"number": self._number, "severity": "severe", "due_at": due}
        self._publish(safety.ComplaintReactionRecorded, number=self._number, severity="severe", batch="B7")
        self._publish(safety.ComplaintSafetyReportDue, percent=75, **about)
        self._publish(safety.ComplaintSafetyReportMissed, **about)
        self._publish(safety.ComplaintSafetyReported, in_time=False, **about)

    def _give(self) -> None:
        given = {"compensation_id": new_id(), "kind": "gift", "cost": Decimal(self._random.randrange(100, 9000)) / 100}
        self._publish(settlements.CompensationGranted, **given)
        if self._network._maybe(0.3):
            self._network._pass(timedelta(days=20))
            self._publish(settlements.CompensationWithdrawn, **given)

    def _pause(self) -> bool:
        """Whether it has been resumed, or stands for ever."""
        before = self._network.now
        day = timedelta(days=1)
        after = self._due + day if self._network._maybe(0.7) else None  # an older release did not say it
        self._publish(complaints.ComplaintPaused, until=before + day, due_after_pause=after)
        if self._network._maybe(0.2):
            return False
        self._due += self._network._pass(timedelta(hours=20)) - before
        self._publish(complaints.ComplaintResumed, answer_due_at=self._due)
        return True

    def _recalculate(self) -> None:
        """Administration gives an answer that is not late yet another time."""
        self._due = max(self._due, self._network.now) + timedelta(hours=1)
        self._publish(complaints.ComplaintClockRecalculated, clock="answer", due_at=self._due, policy_version=3)
        self._publish(complaints.ComplaintClockRecalculated, clock="resolve", policy_version=4)

    def _notice(self) -> None:
        number, to_id = f"N-{next(self._network._numbers)}", self._random.choice(self._network.staff)
        self._publish(complaints.ComplaintNoticed, number=number, to_id=to_id, deadline=self._due)
        if self._network._maybe(0.5):
            self._publish(complaints.ComplaintNoticeAcknowledged, number=number, staff_id=to_id)
        if self._network._maybe(0.5):
            self._react()

    def _breach(self) -> None:
        self._network.now = max(self._network.now, self._due)
        self._publish(complaints.ComplaintWarned, percent=75, answer_due_at=self._due)
        self._publish(complaints.ComplaintOverdue, number=self._number, due_at=self._due)
        for level in range(2, self._random.randrange(3, 7)):
            self._network.now += timedelta(hours=1)
            self._publish(complaints.ComplaintEscalated, number=self._number, level=level, due_at=self._due)

    def reopen(self) -> None:
        self._network._pass(timedelta(days=3))
        self._round += 1
        self._due = self._network.now + FOUR_HOURS
        self._publish(complaints.ComplaintReopened, answer_due_at=self._due)

    def close(self) -> None:
        self._network._pass(timedelta(days=1))
        self._publish(complaints.ComplaintClosed)


def arrivals(events: Sequence[Event], random: Random, *, repeated: float = 0.1) -> list[Event]:
    """A way in which the events may arrive: in order per topic and key, mixed otherwise, some of them again later."""
    waiting: Mapping[tuple[str, str], list[Event]] = _by_place(events)
    arrived: list[Event] = []
    places = sorted(waiting)
    while places:
        place = random.choice(places)
        arrived.append(waiting[place].pop(0))
        if not waiting[place]:
            places.remove(place)
        if random.random() < repeated:
            arrived.append(random.choice(arrived))
    return arrived


def _by_place(events: Sequence[Event]) -> dict[tuple[str, str], list[Event]]:
    places: dict[tuple[str, str], list[Event]] = {}
    for event in events:
        places.setdefault((event.topic, event.key), []).append(event)
    return places


def batches(events: Sequence[Event], random: Random, most: int) -> Iterator[Sequence[Event]]:
    """The events in batches of 1 to `most`."""
    start = 0
    while start < len(events):
        size = random.randint(1, most)
        yield events[start : start + size]
        start += size

"""Rewards: proposed, decided, taken back."""

from decimal import Decimal
from uuid import UUID

from services.complaints.cases.queries import read_case
from services.complaints.context import Context
from services.complaints.ledger import store as ledger
from services.complaints.ledger.domain import Booking, NewBooking
from services.complaints.responsibility.store import bench
from services.complaints.rewards import events, store
from services.complaints.rewards.domain import rewards as domain
from services.complaints.rewards.domain.rewards import NewReward, Reward, RewardEntry, RewardNotFound, RewardState
from shared import audit, directory
from shared.auth.principal import Principal
from shared.auth.visibility import viewer
from shared.bus import outbox
from shared.db import Connection
from shared.ids import new_id
from shared.months import Month
from shared.references import UnknownStaff


async def propose(context: Context, new: NewReward, caller: Principal) -> tuple[Reward, RewardEntry]:
    """Proposes a reward; no money moves by it. Returns it with what its history says.

    Raises ComplaintNotFound, UnknownStaff, RewardOutOfBounds, RewardMonthAhead, RewardMonthPast, OwnReward.
    """
    now = context.clock.now()
    proposed = domain.proposed(new_id(), new, caller.id, now, Month.of(now, context.zone))
    if new.complaint_id is not None:
        await read_case(context, new.complaint_id, viewer=viewer(caller))
    async with context.database.transaction() as transaction:
        known = await directory.staff(transaction, proposed.staff_ids)
        for place, id_ in enumerate(new.staff_ids):
            if id_ not in known:
                raise UnknownStaff("the directory lists nobody with this id", pointer=f"#/staff_ids/{place}")
        await store.add(transaction, proposed)
        entry = await _enter(transaction, context, proposed, new.reason, by=caller.id)
    return proposed, entry


async def decide(context: Context, id_: UUID, amount: Decimal | None, reason: str, caller: Principal) -> Reward:
    """Grants a reward with an amount for each person, CNY, which is booked at once; None waives it.

    Raises RewardNotFound, OwnReward, Forbidden, RewardNotOpen, RewardOutOfBounds.
    """
    async with context.database.transaction() as transaction:
        before = await _held(transaction, id_)
        people = await directory.staff(transaction, before.staff_ids)
        domain.check_decider(before, caller, {each.role for each in people.values()}, await bench.read(transaction))
        now = context.clock.now()
        after = domain.decided(before, amount, caller.id, now)
        await store.save(transaction, after)
        await _enter(transaction, context, after, reason, by=caller.id)
        if after.state is RewardState.GRANTED:
            wanted = [_entry(after, staff_id, people.get(staff_id)) for staff_id in after.staff_ids]
            booked = await ledger.book(transaction, wanted, now, context.zone)
            await outbox.append(transaction, [events.granted(after, booked, now)])
    return after


async def take_back(context: Context, id_: UUID, reason: str, caller: Principal) -> Reward:
    """Books against a reward that was granted by mistake, in the month that is open now; it stands in the audit.

    Raises RewardNotFound, OwnReward, Forbidden, RewardNotGranted.
    """
    async with context.database.transaction() as transaction:
        before = await _held(transaction, id_)
        people = await directory.staff(transaction, before.staff_ids)
        domain.check_decider(before, caller, {each.role for each in people.values()}, await bench.read(transaction))
        now = context.clock.now()
        after = domain.taken_back(before, caller.id, now)
        await store.save(transaction, after)
        await _enter(transaction, context, after, reason, by=caller.id)
        await audit.enter(transaction, caller.id, "reward.reversed", id_)
        paid: list[Booking] = (await ledger.of_bases(transaction, [id_]))[id_]
        booked = await ledger.book(transaction, [each.reversal() for each in paid], now, context.zone)
        await outbox.append(transaction, [events.taken_back(after, booked, now)])
    return after


async def _held(transaction: Connection, id_: UUID) -> Reward:
    found = await store.lock(transaction, id_)
    if found is None:
        raise RewardNotFound("no reward has this id")
    return found


def _entry(reward: Reward, staff_id: UUID, member: directory.StaffMember | None) -> NewBooking:
    """What one person is paid; where they belong is as the directory says now."""
    return NewBooking(
        kind="reward",
        person_id=staff_id,
        person_department_id=member.department_id if member else None,
        supervisor_id=member.supervisor_id if member else None,
        amount=-reward.amount,
        basis_type="reward",
        basis_id=reward.id,
    )


async def _enter(transaction: Connection, context: Context, reward: Reward, reason: str, *, by: UUID) -> RewardEntry:
    entry = RewardEntry(new_id(), reward.id, reward.state, context.clock.now(), by, reward.amount, reason)
    await store.enter(transaction, context.words, entry)
    return entry

"""What happened to a reward, as it is published."""

from collections.abc import Sequence
from datetime import datetime

from services.complaints.ledger.domain import Booking
from services.complaints.ledger.events import booked as as_booked
from services.complaints.rewards.domain.rewards import Reward
from shared.bus.event import Event
from shared.contracts.responsibility import RewardGranted, RewardReversed


def granted(reward: Reward, bookings: Sequence[Booking], at: datetime) -> Event:
    fact = RewardGranted(reward_id=reward.id, at=at, bookings=[as_booked(each) for each in bookings])
    return Event.of(fact, aggregate_id=reward.id, version=reward.version, at=at)


def taken_back(reward: Reward, bookings: Sequence[Booking], at: datetime) -> Event:
    fact = RewardReversed(reward_id=reward.id, at=at, bookings=[as_booked(each) for each in bookings])
    return Event.of(fact, aggregate_id=reward.id, version=reward.version, at=at)

"""What happened to a penalty, as it is published."""

from collections.abc import Iterable
from datetime import datetime

from services.complaints.responsibility.domain.penalties import Penalty, PenaltyState
from shared.bus.event import Event
from shared.contracts.responsibility import PenaltyFact, PenaltyProposed, PenaltyWithdrawn
from shared.months import Month


def events_of(penalties: Iterable[Penalty], now: datetime) -> list[Event]:
    """The events of penalties that were proposed or withdrawn, each at its new version."""
    return [Event.of(_fact(each, now), aggregate_id=each.id, version=each.version, at=now) for each in penalties]


def _fact(penalty: Penalty, now: datetime) -> PenaltyFact:
    if penalty.state is PenaltyState.WITHDRAWN and penalty.reason is not None:
        return PenaltyWithdrawn(
            penalty_id=penalty.id,
            complaint_id=penalty.complaint_id,
            round=penalty.round,
            rule=penalty.rule,
            at=now,
            reason=penalty.reason,
        )
    return PenaltyProposed(
        penalty_id=penalty.id,
        complaint_id=penalty.complaint_id,
        round=penalty.round,
        rule=penalty.rule,
        at=penalty.at,
        amount=penalty.amount,
        person_id=penalty.person_id,
        department_id=penalty.department_id,
        month=str(Month.at(penalty.month)),
        policy_version=penalty.policy_version,
    )

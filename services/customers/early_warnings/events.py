"""What is published of warnings."""

from datetime import datetime

from services.customers.early_warnings.domain.warnings import Warned
from shared.bus.event import Event
from shared.contracts.early_warnings import ChurnReason, ChurnWarned, ChurnWarningEnded


def told(warned: Warned, at: datetime, *, historical: bool) -> Event:
    """How a warning stands now."""
    return Event.of(_fact(warned, at), aggregate_id=warned.id, version=warned.version, at=at, historical=historical)


def _fact(warned: Warned, at: datetime) -> ChurnWarned | ChurnWarningEnded:
    if warned.ended_by is not None:
        return ChurnWarningEnded(
            customer_id=warned.customer_id,
            warning_id=warned.id,
            cause=warned.ended_by,
            at=at,
            since=warned.since,
            noticed_at=warned.noticed_at,
        )
    return ChurnWarned(
        customer_id=warned.customer_id,
        warning_id=warned.id,
        number=warned.version,
        raised_on=warned.raised_on,
        reasons=[ChurnReason.model_validate(each) for each in warned.reasons],
        at=at,
        policy_version=warned.policy_version,
        policy_id=warned.policy_id,
        since=warned.since,
        noticed_at=warned.noticed_at,
    )

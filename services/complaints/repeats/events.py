"""What is published of repeats."""

from collections.abc import Iterable
from datetime import datetime

from services.complaints.repeats.domain import Repeated
from shared.bus.event import Event
from shared.contracts.complaints import ComplaintRepeated


def events_of(cases: Iterable[Repeated], now: datetime) -> list[Event]:
    """`complaint.repeated` of each; what was taken over tells of the past."""
    return [
        Event.of(
            ComplaintRepeated(
                complaint_id=case.id,
                customer_id=case.customer_id,
                round=case.round,
                at=now,
                number=case.number,
                count=case.count,
                of=case.of,
                staff_id=case.staff_id,
            ),
            aggregate_id=case.id,
            version=case.version,
            at=now,
            historical=case.taken_over,
        )
        for case in cases
    ]

"""What hangs on a case that is put right: promises, the notice of a fault and its cost (decision 21, domain 3.6)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self
from uuid import UUID

from services.complaints.cases.domain import Case
from services.complaints.commitments import handlers as commitments
from services.complaints.commitments import store as promises
from services.complaints.commitments.domain import Commitment
from services.complaints.context import Context
from services.complaints.corrections.domain import Correction
from services.complaints.faults import handlers as faults
from services.complaints.faults import store as notices
from services.complaints.internal_cases import store as internal_cases
from shared.db import Connection
from shared.errors import Busy


@dataclass(frozen=True, slots=True)
class Hanging:
    """The promises that were given in a case, and the one whose fault it settles, all held; and the cases that settle
    the former."""

    given: Sequence[Commitment]
    at_fault: Commitment | None
    settling: Sequence[UUID]

    @classmethod
    async def held(cls, transaction: Connection, id_: UUID) -> Self:
        """Holds them, before customers and cases are."""
        notice = await notices.notice_of(transaction, id_)
        settled_id = notice.commitment_id if notice is not None else None
        found = await promises.lock_of_case(transaction, id_, settled_id)
        given = [each for each in found if each.complaint_id == id_]
        at_fault = next((each for each in found if each.id == settled_id), None)
        settling = await internal_cases.of_commitments(transaction, [each.id for each in given]) if given else []
        return cls(given, at_fault, settling)

    async def check_whole(self, transaction: Connection, id_: UUID) -> None:
        """Asked once the case is held. Raises Busy where another promise was given in it meanwhile."""
        if await promises.count_of_case(transaction, id_) != len(self.given):
            raise Busy("something has just been promised in this case; try again")


async def check_fault(transaction: Connection, case: Case, correction: Correction, by: UUID) -> None:
    """Whether the fault that a held case settles, if it settles one, may come to be this one's.

    Raises OwnFault, FaultOfNobody.
    """
    notice = await notices.notice_of(transaction, case.id)
    if notice is not None and correction.against is not None:
        notice.check_correction(correction.against.type, correction.against.id, by)


async def follow(
    transaction: Connection, context: Context, case: Case, hanging: Hanging, correction: Correction, *, by: UUID
) -> Case:
    """Promises go where their case has gone; a fault that is somebody else's has their notice, and whose it was taken
    for gets back what was booked. Returns the case in its latest version."""
    reason = correction.reason
    for each in hanging.given:
        to = correction.customer_id
        await commitments.follow(transaction, context, each, customer_id=to, reason=reason, by=by)
    if hanging.at_fault is None:
        return case
    to_id = correction.against.id if correction.against is not None else None
    whose = correction.customer_id if hanging.at_fault.complaint_id is None else None
    await commitments.follow(
        transaction, context, hanging.at_fault, customer_id=whose, staff_id=to_id, reason=reason, by=by
    )
    if to_id is None:
        return case
    return await faults.issue_anew(transaction, context, case, to_id, reason, by=by)

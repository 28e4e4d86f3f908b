"""Keeping what customers were promised, from the events of complaints: each says all that is kept here."""

from typing import Any
from uuid import UUID

from services.customers.promises import store
from shared.contracts.commitments import (
    CommitmentBroken,
    CommitmentCorrected,
    CommitmentFact,
    CommitmentKept,
    CommitmentMade,
    CommitmentWithdrawn,
)
from shared.projection import Projection


def _promise(fact: CommitmentFact) -> UUID:
    return fact.commitment_id


def _row(fact: CommitmentFact, owed: bool) -> dict[str, Any]:
    return {
        "commitment_id": fact.commitment_id,
        "customer_id": fact.customer_id,
        "complaint_id": fact.complaint_id,
        "staff_id": fact.staff_id,
        "code": fact.code,
        "due_at": fact.due_at,
        "owed": owed,
    }


def _standing(contract: type[CommitmentFact], owed: bool) -> Projection[CommitmentFact]:
    return Projection(contract, store.KEEP, lambda fact: _row(fact, owed), _promise)


on_commitment_made = _standing(CommitmentMade, owed=True)
on_commitment_broken = _standing(CommitmentBroken, owed=True)
on_commitment_kept = _standing(CommitmentKept, owed=False)
on_commitment_withdrawn = _standing(CommitmentWithdrawn, owed=False)
on_commitment_corrected = Projection(
    CommitmentCorrected, store.KEEP, lambda fact: _row(fact, owed=not fact.fulfilled), _promise
)

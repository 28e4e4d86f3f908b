"""Internal cases (内部投诉单): what departments say of each other, and promises that did not hold (domain 3.6)."""

from dataclasses import dataclass
from typing import Literal, TypeAlias
from uuid import UUID

InternalType: TypeAlias = Literal["process", "service", "fault", "other"]
"""An objection to another department's process, a customer badly served or ignored, a fault, anything else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InternalCase:
    """What an internal case is about; everything else stands in the case itself, which has the same id.

    `department_id` is whose objection it is, `commitment_id` the promise of a fault.
    """

    complaint_id: UUID
    type: InternalType
    department_id: UUID | None = None
    commitment_id: UUID | None = None

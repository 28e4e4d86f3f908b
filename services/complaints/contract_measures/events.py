"""What is published of measures by contract: a code and a date, never the words."""

from datetime import datetime

from services.complaints.cases.domain import Case
from services.complaints.cases.events import fact_of
from services.complaints.contract_measures.domain import ContractMeasure
from shared.contracts.internal import ComplaintMeasureTaken, ComplaintMeasureWithdrawn


def taken(case: Case, measure: ContractMeasure, at: datetime) -> ComplaintMeasureTaken:
    """What was decided, by whom and when."""
    return fact_of(
        ComplaintMeasureTaken,
        case,
        at,
        measure_id=measure.id,
        code=measure.code,
        decided_on=measure.decided_on,
        staff_id=measure.decided_by,
    )


def withdrawn(case: Case, measure: ContractMeasure, at: datetime) -> ComplaintMeasureWithdrawn:
    """That it holds no longer."""
    return fact_of(ComplaintMeasureWithdrawn, case, at, measure_id=measure.id, code=measure.code)

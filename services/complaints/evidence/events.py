"""What is published of a case's files: ids, kind and size."""

from datetime import datetime

from services.complaints.cases.domain import Case
from services.complaints.cases.events import fact_of
from services.complaints.evidence.domain.files import EvidenceFile
from shared.contracts.complaints import ComplaintEvidenceAdded, ComplaintEvidenceRemoved


def added(case: Case, file: EvidenceFile) -> ComplaintEvidenceAdded:
    return fact_of(
        ComplaintEvidenceAdded,
        case,
        file.added_at,
        file_id=file.id,
        media_type=file.media_type,
        size=file.size,
        by_complainant=file.added_by is None,
    )


def removed(case: Case, file: EvidenceFile, at: datetime) -> ComplaintEvidenceRemoved:
    return fact_of(ComplaintEvidenceRemoved, case, at, file_id=file.id)

"""`crm export-person`: asks each service for what it keeps of a person, and joins the answers to one archive.

No service calls another one; whoever asks does, through the same addresses as anybody, and each enters it in its audit.
"""

from uuid import UUID

import httpx

from shared.person_archive import joined
from shared.settings import SERVICES

SECONDS = 60.0
NOT_KNOWN = 404


def export_through_api(http: httpx.Client, person_id: UUID) -> bytes:
    """The whole archive. Raises httpx.HTTPStatusError with the problem of whoever refuses."""
    parts = []
    for service in SERVICES:
        path = f"/{service}/v1/persons/{person_id}/export"
        answer = http.get(path, headers={"Purpose": "personal_request"}, timeout=SECONDS)
        if answer.status_code == NOT_KNOWN:
            continue  # somebody else may know them
        if answer.is_error:
            raise httpx.HTTPStatusError(answer.text, request=answer.request, response=answer)
        parts.append(answer.content)
    return joined(parts)

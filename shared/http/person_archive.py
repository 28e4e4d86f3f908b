"""How the archive of a person is answered."""

from typing import Any, Final
from uuid import UUID

from starlette.responses import Response

ARCHIVE: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "description": "the archive: each section in JSON and in CSV",
        "content": {"application/zip": {"schema": {"type": "string", "format": "binary"}}},
    }
}


def archive_answer(service: str, person_id: UUID, content: bytes) -> Response:
    """A file that is saved, and that nobody in between keeps."""
    headers = {
        "Content-Disposition": f'attachment; filename="{person_id}-{service}.zip"',
        "Cache-Control": "no-store",
    }
    return Response(content, media_type="application/zip", headers=headers)

"""Documents as answers: to be saved, and kept by nobody on the way, for they name people."""

from typing import Any, Final

from starlette.responses import Response

PDF: Final = "application/pdf"
ZIP: Final = "application/zip"


def answers(media_type: str) -> dict[int | str, dict[str, Any]]:
    """What the description says of a route that answers such a document."""
    return {200: {"content": {media_type: {"schema": {"type": "string", "format": "binary"}}}}}


def document(content: bytes, media_type: str, name: str) -> Response:
    """The document, to be saved under a name."""
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(content, media_type=media_type, headers=headers)

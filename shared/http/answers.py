"""JSON as hot routes answer it, without FastAPI's models; moments in the one form (`shared.moments`)."""

from collections.abc import Mapping
from typing import Any, Final

import orjson
from starlette.responses import Response

JSON: Final = "application/json"


def json_answer(content: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """An answer of what orjson knows and, by their text, of what it does not (Decimal)."""
    return Response(orjson.dumps(content, default=str, option=orjson.OPT_UTC_Z), status, headers, JSON)

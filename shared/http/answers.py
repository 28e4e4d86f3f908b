"""JSON as hot routes answer it, without FastAPI looking at it again; moments in the one form (`shared.moments`)."""

from collections.abc import Mapping
from typing import Any, Final

import orjson
from pydantic import BaseModel
from starlette.responses import Response

JSON: Final = "application/json"


def json_answer(content: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """An answer of what orjson knows and, by their text, of what it does not (Decimal)."""
    return Response(orjson.dumps(content, default=str, option=orjson.OPT_UTC_Z), status, headers, JSON)


def model_answer(model: BaseModel, headers: Mapping[str, str] | None = None) -> Response:
    """An answer of a model that its maker knows to be right: it is dumped, and not validated once more."""
    return Response(model.__pydantic_serializer__.to_json(model), 200, headers, JSON)

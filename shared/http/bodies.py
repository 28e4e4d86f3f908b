"""What bodies of requests and answers have in common, as their descriptions tell it."""

from typing import Any, Final

from pydantic import BaseModel, ConfigDict

ANSWERED: Final = ConfigDict(json_schema_serialization_defaults_required=True)
"""For models with defaults that are answered: an answer always carries every field."""


def _without_defaults(schema: dict[str, Any]) -> None:
    for each in schema["properties"].values():
        each.pop("default", None)


class Patch(BaseModel):
    """Only what is sent changes: its fields have defaults in Python, which no client may take for values."""

    model_config = ConfigDict(extra="forbid", json_schema_extra=_without_defaults)

    def changes(self) -> dict[str, Any]:
        return self.model_dump(exclude_unset=True)

"""What a request asks in its query: only parameters that there are, and each of them once.

A parameter that is ignored answers another question than the one that was asked: `?q=` where there is no search gives
everything. Checked by names that were collected when the route was made; a request without a query costs nothing.
"""

from collections import Counter
from dataclasses import dataclass
from typing import Any, Final, get_args, get_origin

from fastapi import Request
from fastapi.dependencies.models import Dependant
from fastapi.exceptions import RequestValidationError

from shared.http.declared import with_dependencies

MOST_NAMED: Final = 10
"""Parameters that are answered one by one; a query can hold thousands."""


@dataclass(frozen=True, slots=True)
class Questions:
    """The query parameters of an operation, those of its dependencies included."""

    once: frozenset[str]
    repeatable: frozenset[str]

    @classmethod
    def of(cls, dependant: Dependant) -> "Questions":
        fields = [field for each in with_dependencies(dependant) for field in each.query_params]
        many = frozenset(f.alias for f in fields if _takes_many(f.field_info.annotation))
        return cls(frozenset(field.alias for field in fields) - many, many)

    def check(self, request: Request) -> None:
        """Raises RequestValidationError (422) with the parameters that there are."""
        asked = Counter(name for name, _ in request.query_params.multi_items())
        faults = [_fault(name, self._unknown) for name in asked if name not in self.once | self.repeatable]
        faults += [_fault(name, "give it once") for name, times in asked.items() if times > 1 and name in self.once]
        if faults:
            raise RequestValidationError(faults[:MOST_NAMED])

    @property
    def _unknown(self) -> str:
        known = ", ".join(sorted(self.once | self.repeatable))
        return f"there is no such parameter; there are: {known}" if known else "this operation takes no parameters"


def _takes_many(annotation: Any) -> bool:
    return any(get_origin(kind) is list for kind in (annotation, *get_args(annotation)))


def _fault(name: str, message: str) -> dict[str, Any]:
    return {"type": "query", "loc": ("query", name), "msg": message}

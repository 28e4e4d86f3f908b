"""What a request asks in its query, and says in a form: only what there is, and each of it once.

A parameter that is ignored answers another question than the one that was asked: `?q=` where there is no search gives
everything. Checked by names that were collected when the route was made; a request without a query costs nothing.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final, get_args, get_origin

from fastapi import Request
from fastapi.dependencies.models import Dependant
from fastapi.exceptions import RequestValidationError
from starlette.datastructures import FormData

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
        self._check("query", request.query_params.multi_items(), "parameter")

    def check_form(self, form: FormData) -> None:
        """The same of a form's fields."""
        self._check("body", form.multi_items(), "field")

    def _check(self, place: str, given: Iterable[tuple[str, object]], kind: str) -> None:
        asked = Counter(name for name, _ in given)
        there = sorted(self.once | self.repeatable)
        unknown = (
            f"there is no such {kind}; there are: {', '.join(there)}" if there else f"this operation takes no {kind}s"
        )
        faults = [_fault(place, name, unknown) for name in asked if name not in there]
        faults += [
            _fault(place, each, "give it once") for each, times in asked.items() if times > 1 and each in self.once
        ]
        if faults:
            raise RequestValidationError(faults[:MOST_NAMED])


async def only_known_fields(request: Request) -> None:
    """For operations that take a form: raises RequestValidationError (422) for a field that there is not."""
    fields = frozenset(field.alias for field in request.scope["route"].dependant.body_params)
    Questions(fields, frozenset()).check_form(await request.form())


def _takes_many(annotation: Any) -> bool:
    return any(get_origin(kind) is list for kind in (annotation, *get_args(annotation)))


def _fault(place: str, name: str, message: str) -> dict[str, Any]:
    return {"type": place, "loc": (place, name), "msg": message}

"""What a request asks in its query, and says in a form: only what there is, and each of it once.

A parameter that is ignored answers another question than the one that was asked: `?q=` where there is no search gives
everything. Checked by names that were collected when the route was made; a request without a query costs nothing.
"""

import re
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


_WHOLE: Final = re.compile("-?[0-9]+")


@dataclass(frozen=True, slots=True)
class Questions:
    """The query parameters of an operation, those of its dependencies included."""

    once: frozenset[str]
    repeatable: frozenset[str]
    whole: frozenset[str] = frozenset()
    """Those that are whole numbers."""

    @classmethod
    def of(cls, dependant: Dependant) -> "Questions":
        fields = [field for each in with_dependencies(dependant) for field in each.query_params]
        many = frozenset(f.alias for f in fields if _takes_many(f.field_info.annotation))
        whole = frozenset(f.alias for f in fields if int in _kinds(f.field_info.annotation))
        return cls(frozenset(field.alias for field in fields) - many, many, whole)

    def check(self, request: Request) -> None:
        """Raises RequestValidationError (422) with the parameters that there are."""
        self._check("query", request.query_params.multi_items(), "parameter")

    def check_form(self, form: FormData) -> None:
        """The same of a form's fields."""
        self._check("body", form.multi_items(), "field")

    def _check(self, place: str, given: Iterable[tuple[str, object]], kind: str) -> None:
        given = list(given)
        there, times = sorted(self.once | self.repeatable), Counter(name for name, _ in given)
        names = f"there is no such {kind}; there are: {', '.join(there)}"
        none = names if there else f"this operation takes no {kind}s"
        faults = []
        for name, value in dict(given).items():
            if name not in there:
                faults.append(_fault(place, name, none))
            elif name in self.once and times[name] > 1:
                faults.append(_fault(place, name, "give it once"))
            elif name in self.whole and not _WHOLE.fullmatch(str(value)):
                faults.append(_fault(place, name, "write a whole number in digits"))
        if faults:
            raise RequestValidationError(faults[:MOST_NAMED])


async def only_known_fields(request: Request) -> None:
    """For operations that take a form: raises RequestValidationError (422) for a field that there is not."""
    fields = frozenset(field.alias for field in request.scope["route"].dependant.body_params)
    Questions(fields, frozenset()).check_form(await request.form())


def _kinds(annotation: Any) -> tuple[Any, ...]:
    return (annotation, *get_args(annotation))


def _takes_many(annotation: Any) -> bool:
    return any(get_origin(kind) is list for kind in _kinds(annotation))


def _fault(place: str, name: str, message: str) -> dict[str, Any]:
    return {"type": place, "loc": (place, name), "msg": message}

"""Which errors the operations of a service raise: followed from their endpoints through everything they call.

    python -m tests.architecture.raised services.complaints

prints for each operation the `@raises` that it needs, with the functions through which each error is reached; a plus
marks what is still to be declared, a minus what is to go.
"""

import importlib
import sys
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import FunctionType
from typing import Final, TypeAlias

from fastapi import APIRouter
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from shared.auth.policy import ADMIN_ONLY, PolicyTable
from shared.http.declared import Errors, declared_by, implied_by
from tests.architecture.meanings import function_of
from tests.architecture.uses import Caught, Code, Error, modules_of

Chain: TypeAlias = tuple[FunctionType, ...]
Excuse: TypeAlias = tuple[str, str]

NEVER: Final[Mapping[str, Mapping[Excuse, str]]] = {
    "services.complaints": {
        ("working_hours", "calendar-refused"): "the calendar that the service comes with keeps the rules",
        ("handled", "search-too-short"): "it searches for nothing",
        ("answered_for", "search-too-short"): "it searches for nothing",
        ("_end_overlong_pause", "clock-not-running"): "it resumes a paused clock only",
        ("stop", "clock-not-running"): "it resumes a paused clock only",
    },
    "services.customers": {
        ("add_staff", "successor-refused"): "who is new has no successor",
        ("add_staff", "supervisor-cycle"): "nobody reports to who is new",
    },
}
"""Why a function never raises an error (by its slug) that it could by its calls alone."""


@dataclass(frozen=True)
class Operation:
    """A route with what it declares, what its shape implies, and what it raises, through which functions."""

    name: str
    declared: Errors
    implied: Errors
    raised: Mapping[Error, Chain]

    @property
    def wanted(self) -> Errors:
        """What it has to declare."""
        return frozenset(error for error in self.raised if not self.implies(error))

    def implies(self, error: Error) -> bool:
        return error.slug in {each.slug for each in self.implied}

    def faults(self) -> Iterator[str]:
        for error in _sorted(self.wanted - self.declared):
            yield f"{self.name} does not declare {error.__name__}, which it raises through {self.way_to(error)}"
        for error in _sorted(self.declared - self.wanted):
            why = "which its shape implies" if self.implies(error) else "which nothing raises that it calls"
            yield f"{self.name} declares {error.__name__}, {why}"

    def way_to(self, error: Error) -> str:
        return " > ".join(f"{each.__module__}.{each.__qualname__}" for each in self.raised[error])


class Analysis:
    """Of a service, a package with routers, whose functions call their own and those of `shared`."""

    def __init__(self, package: str, never: Mapping[Excuse, str]) -> None:
        self.package = package
        self.never = never
        self.excused: set[Excuse] = set()
        """The excuses that were needed so far."""
        self._code = Code(package, "shared")

    def operations(self, policy: PolicyTable) -> list[Operation]:
        return [self.operation(route, policy) for route in self._routes()]

    def _routes(self) -> Iterator[APIRoute]:
        """Those of every router that stands in a module."""
        things = [thing for module in modules_of(self.package) for thing in vars(module).values()]
        for router in {id(each): each for each in things if isinstance(each, APIRouter)}.values():
            yield from (route for route in router.routes if isinstance(route, APIRoute))

    def operation(self, route: APIRoute, policy: PolicyTable) -> Operation:
        implied = implied_by(route, policy.get(route.name, ADMIN_ONLY))
        return Operation(route.name, declared_by(route.endpoint), implied, self.raised_by(*_calls(route.dependant)))

    def raised_by(self, *starts: FunctionType) -> dict[Error, Chain]:
        """The errors that leave one of the functions, each with the shortest way to it."""
        found: dict[Error, Chain] = {}
        seen: set[tuple[FunctionType, Caught, frozenset[Excuse]]] = set()
        waiting = deque((each, Caught(), frozenset[Excuse](), Chain()) for each in starts)
        while waiting:
            function, caught, excuses, before = waiting.popleft()
            excuses |= {excuse for excuse in self.never if excuse[0] == function.__name__}
            if (function, caught, excuses) in seen:
                continue
            seen.add((function, caught, excuses))
            chain = (*before, function)
            for use in self._code.uses_of(function):
                if isinstance(use.thing, FunctionType):
                    waiting.append((use.thing, caught | use.caught, excuses, chain))
                elif not issubclass(use.thing, tuple(caught | use.caught)) and not self._excused(use.thing, excuses):
                    found.setdefault(use.thing, chain)
        return found

    def _excused(self, error: Error, excuses: frozenset[Excuse]) -> bool:
        needed = {excuse for excuse in excuses if excuse[1] == error.slug}
        self.excused |= needed
        return bool(needed)


def _calls(dependant: Dependant) -> Iterator[FunctionType]:
    """The endpoint and its dependencies."""
    if (function := function_of(dependant.call)) is not None:
        yield function
    for each in dependant.dependencies:
        yield from _calls(each)


def _sorted(errors: Errors) -> list[Error]:
    return sorted(errors, key=lambda error: error.__name__)


def faults_of(package: str) -> list[str]:
    """What is wrong with the declarations of a service, and with what is said of it in NEVER."""
    analysis, operations = analysed(package)
    unneeded = [f"{function} cannot raise {slug} anyway" for function, slug in analysis.never.keys() - analysis.excused]
    return [fault for operation in operations for fault in operation.faults()] + sorted(unneeded)


def analysed(package: str) -> tuple[Analysis, list[Operation]]:
    policy: PolicyTable = importlib.import_module(f"{package}.policy").POLICY
    analysis = Analysis(package, NEVER.get(package, {}))
    return analysis, analysis.operations(policy)


def _report(operation: Operation) -> Iterator[str]:
    names = ", ".join(error.__name__ for error in _sorted(operation.wanted))
    yield f"{operation.name}: @raises({names})" if names else f"{operation.name}: nothing to declare"
    for error in _sorted(operation.wanted):
        mark = " " if error in operation.declared else "+"
        yield f"  {mark} {error.__module__}.{error.__name__} through {operation.way_to(error)}"
    for error in _sorted(operation.declared - operation.wanted):
        yield f"  - {error.__module__}.{error.__name__}"


if __name__ == "__main__":
    for each in analysed(sys.argv[1])[1]:
        sys.stdout.writelines(f"{line}\n" for line in _report(each))

"""Each operation declares the errors that it raises, and no others (`shared.http.declared`)."""

import textwrap
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Final, TypeAlias

import pytest

from shared.http.feed import feed_router
from shared.settings import ServiceName
from tests.architecture.raised import Analysis, Operation, faults_of
from tests.declaring import DECLARING


@pytest.mark.parametrize("service", DECLARING)
def test_operations_declare_what_they_raise_and_no_more(service: ServiceName) -> None:
    assert faults_of(f"services.{service}") == []


def test_the_feed_raises_nothing_beyond_its_shape() -> None:
    analysis = Analysis("shared.http", {})
    (route,) = feed_router("care").routes

    assert list(analysis.operation(route, {}).faults()) == []  # type: ignore[arg-type]  # a route of FastAPI


# ---------------------------------------------------------------------------- a service of one route

Sample: TypeAlias = Callable[..., Operation]
_NUMBERS: Final = count()

DOMAIN: Final = """
from dataclasses import dataclass
from shared.errors import Conflict, NotFound

class Gone(NotFound):
    slug = "gone"

class Full(Conflict):
    slug = "full"

@dataclass(frozen=True)
class Thing:
    size: int

    def __post_init__(self):
        if self.size > 9:
            raise Full("too many")

    @classmethod
    def of(cls, size: int) -> "Thing":
        return cls(size)

    @property
    def only(self) -> int:
        raise Gone("nothing is left")

    def take_apart(self, size):
        raise Full("nothing can be taken")

def find(size: int) -> None:
    raise Gone("there is none")

def refusal(text):
    return Full(text)
"""

API: Final = """
from typing import Annotated
from fastapi import Depends, Request
from shared.http.declared import raises
from shared.http.preconditions import IfMatch
from shared.http.routing import router
from {package} import domain, handlers
from {package}.domain import Full, Gone

routes = router("/sample/v1", "sample")

async def _asked(request: Request) -> int:
    handlers.asked()

@routes.put("/things/{{id}}")
@raises({declared})
async def keep_thing(id: int, asked: Annotated[int, Depends(_asked)], if_match: IfMatch = None) -> None:
    await handlers.keep(id)
"""

HANDLERS: Final = """
from contextlib import asynccontextmanager, suppress
from functools import partial
from shared.errors import DomainError, Invalid
from {package} import domain
from {package}.domain import Full, Gone, Thing

def asked():
    pass

"""


@pytest.fixture
def sample(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Sample:
    """A service whose only route calls `handlers.keep`; gives what is found out about the route."""

    def made(handlers: str, declared: str = "", never: dict[tuple[str, str], str] | None = None) -> Operation:
        package = f"sample_{next(_NUMBERS)}"
        texts = {
            "__init__": "",
            "domain": DOMAIN,
            "handlers": HANDLERS.format(package=package) + textwrap.dedent(handlers),
            "api": API.format(package=package, declared=declared),
        }
        (tmp_path / package).mkdir()
        for name, text in texts.items():
            (tmp_path / package / f"{name}.py").write_text(text, encoding="utf-8")
        monkeypatch.syspath_prepend(tmp_path)
        (operation,) = Analysis(package, never or {}).operations({})
        return operation

    return made


def names(operation: Operation) -> list[str]:
    return sorted(error.__name__ for error in operation.wanted)


RAISED: Final = {
    "by a function of a module": "async def keep(id): domain.find(id)",
    "itself": "async def keep(id): raise Gone('no')",
    "without being called": "async def keep(id): raise Gone",
    "by a function handed on": "async def keep(id): each = partial(domain.find, id)",
    "by a function out of a table": "WAYS = {'find': [domain.find]}\nasync def keep(id): WAYS['find'][0](id)",
    "by a function within": "async def keep(id):\n    def find(): raise Gone('no')\n    find()",
    "by a class handed on": "def must(thing, error): ...\nasync def keep(id): must(id, Gone)",
    "by a property": "def first() -> Thing | None: ...\nasync def keep(id):\n    if thing := first(): thing.only",
    "by one of a list": "def all() -> list[Thing]: ...\nasync def keep(id): return [thing.only for thing in all()]",
    "by one of a pair": """
        def two() -> tuple[int, Thing]: ...
        async def keep(id):
            number, thing = two()
            thing.only
        """,
    "by what a block gives": """
        @asynccontextmanager
        async def held():
            domain.find(1)
            yield
        async def keep(id):
            async with held(): ...
        """,
    "again": """
        async def keep(id):
            try:
                domain.find(id)
            except DomainError:
                raise
        """,
    "while another is caught": """
        async def keep(id):
            try:
                domain.find(id)
            except Full:
                return
        """,
    "by whoever was asked before": "def asked(): domain.find(1)\nasync def keep(id): ...",
}


@pytest.mark.parametrize("handlers", RAISED.values(), ids=RAISED.keys())
def test_what_is_raised_is_found(sample: Sample, handlers: str) -> None:
    operation = sample(handlers)

    assert names(operation) == ["Gone"]
    assert "keep_thing does not declare Gone" in next(operation.faults())


MADE: Final = {
    "when something is made": "async def keep(id): Thing(id)",
    "when something is made by its class": "async def keep(id): Thing.of(id)",
    "by a helper that builds it": "async def keep(id): raise domain.refusal('no')",
    "by a method of what is known": "async def keep(id):\n    thing: Thing = id\n    thing.take_apart(1)",
    "by a method of what is not": "async def keep(id): id.take_apart(1)",
}


@pytest.mark.parametrize("handlers", MADE.values(), ids=MADE.keys())
def test_what_is_made_or_asked_is_followed(sample: Sample, handlers: str) -> None:
    assert names(sample(handlers)) == ["Full"]


NOT_RAISED: Final = {
    "caught": """
        async def keep(id):
            try:
                domain.find(id)
            except (OSError, Gone):
                return
        """,
    "caught by its base": """
        async def keep(id):
            try:
                domain.find(id)
            except Exception as fault:
                raise ValueError from fault
        """,
    "suppressed": "async def keep(id):\n    with suppress(Gone): domain.find(id)",
    "asked for only": "async def keep(id): return isinstance(id, Gone)",
    "of another": "async def keep(id): str(id).take_apart()",
    "implied by the shape": "async def keep(id): raise Invalid('no')",
    "nowhere": "async def keep(id): ...",
}


@pytest.mark.parametrize("handlers", NOT_RAISED.values(), ids=NOT_RAISED.keys())
def test_what_does_not_leave_the_operation_is_not_declared(sample: Sample, handlers: str) -> None:
    assert list(sample(handlers).faults()) == []


def test_the_way_to_an_error_is_told(sample: Sample) -> None:
    (fault,) = sample("async def keep(id): domain.find(id)").faults()

    assert [step.rpartition(".")[2] for step in fault.split(" > ")] == ["keep_thing", "keep", "find"]


def test_what_is_declared_is_right(sample: Sample) -> None:
    handlers = "async def keep(id):\n    domain.find(id)\n    Thing(id)"

    assert list(sample(handlers, declared="Gone, domain.Full").faults()) == []


@pytest.mark.parametrize(
    "declared, why",
    [
        ("Gone, Full", "keep_thing declares Full, which nothing raises that it calls"),
        ("Gone, handlers.Invalid", "keep_thing declares Invalid, which its shape implies"),
    ],
)
def test_what_is_declared_too_much_is_seen(sample: Sample, declared: str, why: str) -> None:
    assert list(sample("async def keep(id): domain.find(id)", declared).faults()) == [why]


def test_what_a_function_never_raises_can_be_said(sample: Sample) -> None:
    handlers = "async def keep(id):\n    domain.find(id)\n    careful(id)\ndef careful(id): Thing(id)"

    assert names(sample(handlers)) == ["Full", "Gone"]
    assert names(sample(handlers, never={("careful", "full"): "it is small"})) == ["Gone"]
    assert names(sample(handlers, never={("careful", "gone"): "it is not asked"})) == ["Full", "Gone"]

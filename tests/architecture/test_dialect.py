"""One dialect in all four services: what a capability's files are called, and how its parts are named.

docs/new-capability.md says what each file holds; here it is held to.
"""

import ast
import importlib
import inspect
import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import APIRouter
from pydantic import BaseModel
from sqlalchemy import String
from sqlalchemy.dialects.postgresql import dialect

from shared.http.paging import Page
from shared.settings import SERVICES, ServiceName
from tests.architecture.source import ROOT, Source, is_migration, python_sources

OF_A_CAPABILITY = {"__init__", "api", "domain", "events", "handlers", "queries", "store", "tables"}
OF_A_SERVICE = {"__init__", "app", "context", "policy", "reactions", "registry", "schema", "settings"}
MODELS = ("In", "Patch", "Out")
NOT_OUR_WORDS = {
    "Desk": "Context",
    "desk": "context",
    "member_id": "viewer",
    "if_match": "expected_version",
    "news": "events",
    "perseverance": "retry",
    "scribe": "group commit",
    "doorbell": "notification",
}
"""Names that were said for something that has a name of the field's by now."""
LONGEST_FILE = 300
MOST_POSITIONS = 6
MOST_SILENCED = 9

_PLACE = re.compile(r"\$(\d+)")
_STATEMENT = re.compile(r"\b(SELECT|INSERT INTO|UPDATE|DELETE FROM)\b")
_SILENCED = re.compile(r"# noqa: S608")


def is_code(source: Source) -> bool:
    return not is_migration(source) and source.path.name != "first_schema.py"


SERVICES_CODE = [source for source in python_sources("services") if is_code(source)]
CODE = [source for source in python_sources("services", "shared", "deploy") if is_code(source)]


def misplaced(source: Source) -> Iterator[str]:
    """What is wrong with where a file of a service lies."""
    _, _, *inside = source.path.with_suffix("").parts
    if len(inside) == 1 and inside[0] not in OF_A_SERVICE:
        yield f"{source.place}: a service has {sorted(OF_A_SERVICE)}; move it into a capability"
    elif len(inside) > 1 and inside[0] != "migrations" and inside[1] not in OF_A_CAPABILITY:
        yield f"{source.place}: a capability has {sorted(OF_A_CAPABILITY)}; what outgrows one becomes a package"


def names_in(source: Source) -> Iterator[tuple[int, str]]:
    for node in ast.walk(source.tree):
        match node:
            case ast.arg(arg=name) | ast.Name(id=name) | ast.Attribute(attr=name):
                yield node.lineno, name
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                yield node.lineno, name


def foreign_words(source: Source) -> Iterator[str]:
    for line, name in names_in(source):
        if name in NOT_OUR_WORDS:
            yield f"{source.place}:{line} says {name}; the word is {NOT_OUR_WORDS[name]}"


def reactions_called_otherwise(source: Source) -> Iterator[str]:
    """Values of REACTIONS that are not called on_<event>."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.AnnAssign) and ast.unparse(node.target) == "REACTIONS":
            assert isinstance(node.value, ast.Dict)
            for key, value in zip(node.value.keys, node.value.values, strict=True):
                reactions = value.args if isinstance(value, ast.Call) else [value]
                for reaction in reactions if key is not None else []:
                    called = ast.unparse(reaction)
                    if not called.rpartition(".")[2].startswith("on_"):
                        yield f"{source.place}:{value.lineno} {called}: a reaction is called on_<event>"


def routers_called_otherwise(source: Source) -> Iterator[str]:
    for node in ast.walk(source.tree):
        match node:
            case ast.Assign(targets=[target], value=ast.Call(func=ast.Name(id="router"))):
                if ast.unparse(target) != "routes":
                    yield f"{source.place}:{node.lineno} {ast.unparse(target)}: a router is called routes"


def positions(source: Source) -> Iterator[str]:
    """Statements whose values are counted by hand."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Constant | ast.JoinedStr):
            text = ast.unparse(node)
            if _STATEMENT.search(text) and any(int(place) > MOST_POSITIONS for place in _PLACE.findall(text)):
                yield f"{source.place}:{node.lineno} counts more than {MOST_POSITIONS} values; name them"


def settings_read(source: Source) -> Iterator[str]:
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("Settings"):
            yield f"{source.place}:{node.lineno} reads {ast.unparse(node.func)}; app.py alone does"


@pytest.mark.parametrize("wrong", [misplaced, foreign_words, reactions_called_otherwise, routers_called_otherwise])
def test_the_services_speak_one_dialect(wrong: object) -> None:
    assert callable(wrong)
    assert [fault for source in SERVICES_CODE for fault in wrong(source)] == []


def test_values_are_named_not_counted() -> None:
    assert [fault for source in CODE for fault in positions(source)] == []


def test_few_statements_are_put_together_from_text() -> None:
    silenced = [source.place for source in CODE for _ in _SILENCED.findall(source.text)]
    assert len(silenced) <= MOST_SILENCED, silenced


def test_settings_are_read_in_the_composition_root_alone() -> None:
    others = [source for source in SERVICES_CODE if source.path.name != "app.py"]
    assert [fault for source in others for fault in settings_read(source)] == []


def test_a_file_is_one_idea() -> None:
    long = [
        f"{source.place}: {source.text.count(chr(10))} lines"
        for source in CODE
        if len(source.text.splitlines()) > LONGEST_FILE
    ]
    assert [place for place in long if place.startswith(("services", "shared"))] == []


def models_of(service: ServiceName) -> Iterator[type[BaseModel]]:
    """The models of a service's requests and answers."""
    root = importlib.import_module(f"services.{service}")
    for found in pkgutil.walk_packages(root.__path__, f"services.{service}."):
        if "api" in found.name.split(".") and "migrations" not in found.name:
            for thing in vars(importlib.import_module(found.name)).values():
                if inspect.isclass(thing) and issubclass(thing, BaseModel) and thing.__module__ == found.name:
                    yield thing


@pytest.mark.parametrize("service", SERVICES)
def test_models_say_which_way_they_go(service: ServiceName) -> None:
    models = [model for model in models_of(service) if not issubclass(model, Page)]

    assert models
    assert [model.__name__ for model in models if not model.__name__.endswith(MODELS)] == []


@pytest.mark.parametrize("service", SERVICES)
def test_every_router_is_wired(service: ServiceName) -> None:
    """A route that nobody serves is one that somebody forgot."""
    root = importlib.import_module(f"services.{service}")
    app = (ROOT / f"services/{service}/app.py").read_text()
    for found in pkgutil.walk_packages(root.__path__, f"services.{service}."):
        if "migrations" in found.name:
            continue
        if isinstance(getattr(importlib.import_module(found.name), "routes", None), APIRouter):
            assert ".".join(found.name.split(".")[:3]) in app, found.name


@pytest.mark.parametrize("service", SERVICES)
def test_text_is_text_in_postgresql(service: ServiceName) -> None:
    """But for arrays that were made otherwise: turning them into text[] would write their table anew."""
    metadata = importlib.import_module(f"services.{service}.schema").METADATA
    spoken = dialect()  # type: ignore[no-untyped-call]  # as it comes
    other = [
        f"{column}: {column.type.compile(dialect=spoken)}"
        for table in metadata.tables.values()
        for column in table.columns
        if isinstance(column.type, String) and column.type.compile(dialect=spoken) != "TEXT"
    ]
    assert other == []


# ---------------------------------------------------------------------------- each of these tests can fail


def source(path: str, text: str = "") -> Source:
    return Source(Path(path), text)


@pytest.mark.parametrize(
    "path", ["services/care/helpers.py", "services/care/plans/timer.py", "services/care/plans/plan_api.py"]
)
def test_a_file_in_the_wrong_place_is_seen(path: str) -> None:
    assert list(misplaced(source(path)))


@pytest.mark.parametrize("path", ["services/care/plans/handlers/closing.py", "services/care/app.py"])
def test_a_file_in_its_place_is_none(path: str) -> None:
    assert list(misplaced(source(path))) == []


def test_a_word_of_yesterday_is_seen() -> None:
    assert list(foreign_words(source("services/care/plans/handlers.py", "def f(desk): ...")))


def test_a_reaction_with_another_name_is_seen() -> None:
    text = "REACTIONS: Mapping = {**others, A.TYPE: plans.on_a, B.TYPE: in_turn(plans.on_b, plans.take_b)}"
    assert len(list(reactions_called_otherwise(source("services/care/reactions.py", text)))) == 1


def test_a_router_with_another_name_is_seen() -> None:
    assert list(routers_called_otherwise(source("services/care/plans/api.py", 'plans = router("/care/v1", "plans")')))


def test_counted_values_are_seen() -> None:
    text = 'ADD = "INSERT INTO plan VALUES ($1, $2, $3, $4, $5, $6, $7)"'
    assert list(positions(source("services/care/plans/store.py", text)))


def test_settings_read_elsewhere_are_seen() -> None:
    assert list(settings_read(source("services/care/context.py", "settings = CareSettings()")))

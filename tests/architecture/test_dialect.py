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
from tests.architecture.source import ROOT, Source, is_migration, local_names, python_sources, resolved

OF_A_CAPABILITY = {"__init__", "api", "domain", "events", "handlers", "queries", "store", "tables"}
OF_A_SERVICE = {"__init__", "app", "context", "policy", "reactions", "registry", "schema", "settings", "words"}
WORDS = "words"
"""A service's vocabulary: a file, or a package of the vocabularies of groups of capabilities."""
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
    _, service, *inside = source.path.with_suffix("").parts
    if not inside and service != "__init__":
        yield f"{source.place}: what several services need is shared"
    elif len(inside) == 1 and inside[0] not in OF_A_SERVICE:
        yield f"{source.place}: a service has {sorted(OF_A_SERVICE)}; move it into a capability"
    elif inside[:1] == [WORDS] and len(inside) > 2:
        yield f"{source.place}: the words of a service are one file, or a package of files"
    elif len(inside) > 1 and inside[0] not in ("migrations", WORDS) and inside[1] not in OF_A_CAPABILITY:
        yield f"{source.place}: a capability has {sorted(OF_A_CAPABILITY)}; what outgrows one becomes a package"


def more_than_words(source: Source) -> Iterator[str]:
    """What stands among a service's words beside vocabularies and what they name."""
    if WORDS in source.path.with_suffix("").parts[2:3]:
        for node in source.tree.body:
            match node:
                case ast.Import() | ast.ImportFrom() | ast.Expr(value=ast.Constant()):
                    pass
                case ast.AnnAssign(target=ast.Name(), value=ast.Call(func=called)) if _makes_words(called):
                    pass
                case _:
                    yield f"{source.place}:{node.lineno}: words say what things are, and do nothing"


def _makes_words(called: ast.expr) -> bool:
    """Whether it is `Vocabulary(…)`, or one `.with_(…)` another."""
    return ast.unparse(called) == "Vocabulary" or (isinstance(called, ast.Attribute) and called.attr == "with_")


def faces(source: Source) -> Iterator[str]:
    """What stands in an `__init__` beside its docstring: no contract by place would hold it."""
    if source.path.stem == "__init__":
        for node in source.tree.body:
            if not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)):
                yield f"{source.place}:{node.lineno}: an __init__ holds nothing; give it a room"


def names_in(source: Source) -> Iterator[tuple[int, str]]:
    for node in ast.walk(source.tree):
        match node:
            case ast.arg(arg=name) | ast.Name(id=name) | ast.Attribute(attr=name):
                yield node.lineno, name
            case ast.keyword(arg=str(name)):
                yield node.value.lineno, name
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


def reactions_named_twice(source: Source) -> Iterator[str]:
    """Events of REACTIONS that stand there twice, of which only the last one holds."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.AnnAssign) and ast.unparse(node.target) == "REACTIONS":
            assert isinstance(node.value, ast.Dict)
            named = [ast.unparse(key) for key in node.value.keys if key is not None]
            for name in {each for each in named if named.count(each) > 1}:
                yield f"{source.place}:{node.lineno} {name} stands twice: say in_turn(...)"


def routers_called_otherwise(source: Source) -> Iterator[str]:
    for node in ast.walk(source.tree):
        match node:
            case (
                ast.Assign(targets=[target], value=ast.Call(func=ast.Name(id="router" | "APIRouter")))
                | ast.AnnAssign(target=target, value=ast.Call(func=ast.Name(id="router" | "APIRouter")))
            ):
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
    names = local_names(source.tree)
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Call) and (name := resolved(node.func, names)).endswith("Settings"):
            yield f"{source.place}:{node.lineno} reads {name}; app.py alone does"


def loops_wired(source: Source) -> Iterator[str]:
    names = local_names(source.tree)
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Call) and resolved(node.func, names) == "shared.loops.DueLoop":
            yield f"{source.place}:{node.lineno} wires a loop; app.py alone does"


def is_root(source: Source) -> bool:
    """The composition root of a service, by its place."""
    return source.path.parts[2:] == ("app.py",)


@pytest.mark.parametrize(
    "wrong",
    [
        misplaced,
        more_than_words,
        faces,
        foreign_words,
        reactions_called_otherwise,
        reactions_named_twice,
        routers_called_otherwise,
    ],
)
def test_the_services_speak_one_dialect(wrong: object) -> None:
    assert callable(wrong)
    assert [fault for source in SERVICES_CODE for fault in wrong(source)] == []


def test_values_are_named_not_counted() -> None:
    assert [fault for source in CODE for fault in positions(source)] == []


def test_few_statements_are_put_together_from_text() -> None:
    silenced = [source.place for source in CODE for _ in _SILENCED.findall(source.text)]
    assert len(silenced) <= MOST_SILENCED, silenced


def test_a_location_names_no_version() -> None:
    """It leads to what a GET answers: lists of versions take no such parameter, and would refuse it (422)."""
    located = re.compile(r'headers\["Location"\] = f?"([^"]*)"')
    found = [place for source in CODE for place in located.findall(source.text)]
    assert len(found) > 20
    assert [place for place in found if "?version=" in place] == []


@pytest.mark.parametrize("wrong", [settings_read, loops_wired])
def test_settings_are_read_and_loops_wired_in_the_composition_root_alone(wrong: object) -> None:
    others = [source for source in SERVICES_CODE if not is_root(source)]
    assert callable(wrong)
    assert [fault for source in others for fault in wrong(source)] == []


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
    "path",
    [
        "services/helpers.py",
        "services/care/helpers.py",
        "services/care/plans/timer.py",
        "services/care/plans/plan_api.py",
        "services/care/words/plans/desk.py",
    ],
)
def test_a_file_in_the_wrong_place_is_seen(path: str) -> None:
    assert list(misplaced(source(path)))


@pytest.mark.parametrize(
    "path",
    [
        "services/__init__.py",
        "services/care/plans/handlers/closing.py",
        "services/care/app.py",
        "services/care/words.py",
        "services/care/words/desk.py",
    ],
)
def test_a_file_in_its_place_is_none(path: str) -> None:
    assert list(misplaced(source(path))) == []


@pytest.mark.parametrize("path", ["services/care/words.py", "services/care/words/desk.py"])
@pytest.mark.parametrize("text", ["def plan(): ...", "MOST: Final = 100", "PLANS: Final = plans.read()"])
def test_what_is_no_word_is_seen_among_them(path: str, text: str) -> None:
    words = "from a import B\nA: Final = Vocabulary()\nC: Final = A.with_(B).with_(A)"
    assert list(more_than_words(source(path, words))) == []
    assert len(list(more_than_words(source(path, f"{words}\n{text}")))) == 1
    assert list(more_than_words(source("services/care/plans/domain.py", text))) == []


def test_a_face_is_seen() -> None:
    text = '"""Plans."""\n\nfrom services.care.plans.store import LOCK'
    assert len(list(faces(source("services/care/plans/__init__.py", text)))) == 1


@pytest.mark.parametrize("text", ["def f(desk): ...", "f(member_id=1)"])
def test_a_word_of_yesterday_is_seen(text: str) -> None:
    assert list(foreign_words(source("services/care/plans/handlers.py", text)))


def test_a_reaction_that_hides_another_is_seen() -> None:
    text = "REACTIONS: Mapping = {**others, A.TYPE: plans.on_a, B.TYPE: plans.on_b, A.TYPE: visits.on_a}"
    assert len(list(reactions_named_twice(source("services/care/reactions.py", text)))) == 1


def test_a_reaction_with_another_name_is_seen() -> None:
    text = "REACTIONS: Mapping = {**others, A.TYPE: plans.on_a, B.TYPE: in_turn(plans.on_b, plans.take_b)}"
    assert len(list(reactions_called_otherwise(source("services/care/reactions.py", text)))) == 1


@pytest.mark.parametrize("text", ['plans = router("/care/v1", "plans")', "plans: APIRouter = APIRouter()"])
def test_a_router_with_another_name_is_seen(text: str) -> None:
    assert list(routers_called_otherwise(source("services/care/plans/api.py", text)))


def test_counted_values_are_seen() -> None:
    text = 'ADD = "INSERT INTO plan VALUES ($1, $2, $3, $4, $5, $6, $7)"'
    assert list(positions(source("services/care/plans/store.py", text)))


@pytest.mark.parametrize(
    "text",
    ["settings = CareSettings()", "from shared.delivery.settings import DeliverySettings as Delivery\nD = Delivery()"],
)
def test_settings_read_elsewhere_are_seen(text: str) -> None:
    assert list(settings_read(source("services/care/context.py", text)))


def test_a_loop_wired_elsewhere_is_seen() -> None:
    text = "from shared.loops import DueLoop\nLOOP = DueLoop('plans', clock, step=step)"
    assert list(loops_wired(source("services/care/plans/handlers.py", text)))


def test_another_app_is_no_composition_root() -> None:
    assert not is_root(source("services/care/plans/handlers/app.py"))

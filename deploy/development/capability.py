"""Writes the skeleton of a capability: `python -m deploy.development.capability care penalties`.

What it writes runs: a table, its statements, a use case with an event, routes, and a test. It says what is left to do
by hand, with the lines to paste; docs/new-capability.md follows one from table to test.
"""

import argparse
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from string import Template

from deploy.development.tidy import tidy
from shared.settings import SERVICES

ROOT = Path(__file__).parents[2]
TEMPLATES = Path(__file__).with_name("capability")
FILES = ("domain", "tables", "store", "queries", "events", "handlers", "api")
PUBLISHING = tuple(name for name in SERVICES if (ROOT / f"shared/contracts/{name}.py").exists())
_NAME = re.compile(r"^[a-z][a-z0-9]*(_[a-z0-9]+)*s$")

CONTRACT = Template('''\
class ${One}Changed(Fact):
    """${A} ${words} was added or changed."""

    TYPE: ClassVar[str] = "crm.${one}.changed"
    TOPIC: ClassVar[str] = FACTS
    ${one}_id: UUID
    at: datetime
''')
EVENT = Template("| `crm.${one}.changed` | `${one}_id` `at` |\n")
POLICY = Template("""\
"add_${one}": ANY_STAFF,
"list_${plural}": ANY_STAFF,
"read_${one}": ANY_STAFF,
"change_${one}": ANY_STAFF,
""")
TAG = Template('"${plural}": "${Plural}.",\n')
WORDS = Template('"${one}_id": "the ${words}",\n"added_at": "when it was entered",\n')
IMPORT = Template("from services.${service}.${plural} import api as ${plural}_api\n")
ROUTER = Template("${plural}_api.routes,\n")

BY_HAND: Mapping[str, tuple[tuple[str, Template], ...]] = {
    "shared/contracts/${service}.py": (("at its end", CONTRACT),),
    "docs/events.md": (("under crm.${service}.v1", EVENT),),
    "services/${service}/policy.py": (("with the roles that may call them", POLICY),),
    "services/${service}/words.py": (("among the tags", TAG), ("among the words", WORDS)),
    "services/${service}/app.py": (("among the imports", IMPORT), ("among the routers", ROUTER)),
}
"""What goes into files that are there already: file -> (where, what)."""

THEN = Template("""\
  .venv/bin/python -m tests.contracts.samples             its golden sample
  make migration SERVICE=${service} NAME=${plural}
  make catalogue                                          its errors, into docs/errors.md
  make format check
  .venv/bin/python -m pytest tests/${service}/test_${plural}.py -n 0
Whoever is concerned by crm.${one}.changed says so in services/*/reactions.py.
""")


def names(service: str, plural: str, one: str | None = None) -> dict[str, str]:
    """Every form of the capability's name that the templates use. `one` is the singular where it is irregular."""
    single = one or (f"{plural[:-3]}y" if plural.endswith("ies") else plural[:-1])
    words, words_plural = single.replace("_", " "), plural.replace("_", " ")
    article = "an" if single[0] in "aeiou" else "a"
    return {
        "service": service,
        "Service": service.capitalize(),
        "plural": plural,
        "Plural": words_plural.capitalize(),
        "one": single,
        "One": "".join(part.capitalize() for part in single.split("_")),
        "a": article,
        "A": article.capitalize(),
        "slug": single.replace("_", "-"),
        "path": plural.replace("_", "-"),
        "words": words,
        "words_plural": words_plural,
    }


def write(root: Path, service: str, plural: str, one: str | None = None) -> list[Path]:
    """Writes the skeleton below `root`; returns its files. Raises FileExistsError, before anything is written."""
    chosen = names(service, plural, one)
    folder = root / "services" / service / plural
    test = root / "tests" / service / f"test_{plural}.py"
    for path in (folder, test):
        if path.exists():
            raise FileExistsError(path)
    folder.mkdir()
    package = folder / "__init__.py"
    package.touch()
    written = [_filled(folder / f"{name}.py", name, chosen) for name in FILES]
    files = [package, *written, _filled(test, "test", chosen)]
    tidy(files)
    return files


def _filled(path: Path, template: str, chosen: Mapping[str, str]) -> Path:
    text = (TEMPLATES / f"{template}.py.txt").read_text(encoding="utf-8")
    path.write_text(Template(text).substitute(chosen), encoding="utf-8")
    return path


def by_hand(chosen: Mapping[str, str]) -> dict[str, list[tuple[str, str]]]:
    """`BY_HAND` with the capability's names."""
    return {
        Template(file).substitute(chosen): [
            (Template(where).substitute(chosen), what.substitute(chosen)) for where, what in pieces
        ]
        for file, pieces in BY_HAND.items()
    }


def _place(file: str) -> str:
    """A file that outgrew its bound is a package by now."""
    return file if (ROOT / file).exists() else f"{file.removesuffix('.py')}/, in the module that fits"


def _left_to_do(chosen: Mapping[str, str]) -> str:
    pieces = "".join(
        f"{_place(file)}, {where}:\n" + "".join(f"    {line}\n" for line in what.splitlines())
        for file, found in by_hand(chosen).items()
        for where, what in found
    )
    return f"Left to do (docs/new-capability.md says why):\n{pieces}Then:\n{THEN.substitute(chosen)}"


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="make capability", description="the skeleton of a capability")
    parser.add_argument("service", choices=SERVICES)
    parser.add_argument("name", help="the capability, plural, such as penalties")
    parser.add_argument("--one", help="the singular, where leaving off the s does not give it")
    given = parser.parse_args(arguments)
    if not _NAME.match(given.name):
        parser.error("the name is plural, in lower-case letters and underscores, such as penalties")
    if given.service not in PUBLISHING:
        parser.error(f"{given.service} publishes nothing; CONTRIBUTING.md says how a projection is added to it")
    try:
        files = write(ROOT, given.service, given.name, given.one)
    except FileExistsError as there:
        parser.error(f"{there} is there already")
    sys.stdout.write("Written:\n" + "".join(f"    {file.relative_to(ROOT)}\n" for file in files))
    sys.stdout.write(_left_to_do(names(given.service, given.name, given.one)))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""Writes the skeleton of a capability: `python -m deploy.development.capability care penalties`.

What it writes runs: a table, its statements, a use case with an event, routes, and a test. It says what is left to do
by hand; docs/new-capability.md follows one from table to test.
"""

import argparse
import re
import sys
from pathlib import Path
from string import Template

from shared.settings import SERVICES

ROOT = Path(__file__).parents[2]
TEMPLATES = Path(__file__).with_name("capability")
FILES = ("domain", "tables", "store", "queries", "events", "handlers", "api")
_NAME = re.compile(r"^[a-z][a-z0-9]*(_[a-z0-9]+)*s$")

LEFT_TO_DO = Template("""\
Written: ${written}

Left to do (docs/new-capability.md says why):
  shared/contracts/${service}.py        class ${One}Added(Fact): TYPE "crm.${one}.added"; ${one}_id, name, at
  docs/events.md                  its row; then: python -m tests.contracts.samples
  services/${service}/policy.py         add_${one}, list_${plural}, read_${one}, change_${one} -> who may call them
  services/${service}/app.py            its routes, among the routers
  make migration SERVICE=${service} NAME=${plural}
  make catalogue                  its errors, into docs/errors.md
  services/*/reactions.py         whoever is concerned by crm.${one}.added
Then: make check, and pytest tests/${service}/test_${plural}.py
""")


def names(service: str, plural: str, one: str | None = None) -> dict[str, str]:
    """Every form of the capability's name that the templates use. `one` is the singular where it is irregular."""
    single = one or (f"{plural[:-3]}y" if plural.endswith("ies") else plural[:-1])
    words, words_plural = single.replace("_", " "), plural.replace("_", " ")
    return {
        "service": service,
        "Service": service.capitalize(),
        "plural": plural,
        "Plural": words_plural.capitalize(),
        "one": single,
        "One": "".join(part.capitalize() for part in single.split("_")),
        "slug": single.replace("_", "-"),
        "path": plural.replace("_", "-"),
        "words": words,
        "words_plural": words_plural,
    }


def write(root: Path, service: str, plural: str, one: str | None = None) -> list[Path]:
    """Writes the skeleton below `root`; returns its files. Raises FileExistsError where there is one already."""
    chosen = names(service, plural, one)
    folder = root / "services" / service / plural
    folder.mkdir()
    (folder / "__init__.py").touch()
    test = root / "tests" / service / f"test_{plural}.py"
    return [*(_filled(folder / f"{name}.py", name, chosen) for name in FILES), _filled(test, "test", chosen)]


def _filled(path: Path, template: str, chosen: dict[str, str]) -> Path:
    text = (TEMPLATES / f"{template}.py.txt").read_text(encoding="utf-8")
    with path.open("x", encoding="utf-8") as file:
        file.write(Template(text).substitute(chosen))
    return path


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="make capability", description="the skeleton of a capability")
    parser.add_argument("service", choices=SERVICES)
    parser.add_argument("name", help="the capability, plural, such as penalties")
    parser.add_argument("--one", help="the singular, where leaving off the s does not give it")
    given = parser.parse_args(arguments)
    if not _NAME.match(given.name):
        parser.error("the name is plural, in lower-case letters and underscores, such as penalties")
    try:
        files = write(ROOT, given.service, given.name, given.one)
    except FileExistsError as there:
        parser.error(f"{there.filename} is there already")
    written = ", ".join(str(file.relative_to(ROOT)) for file in files)
    sys.stdout.write(LEFT_TO_DO.substitute(names(given.service, given.name, given.one), written=written))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""The catalogue of errors, made from their classes: `make catalogue` writes it into docs/errors.md."""

import importlib
import pkgutil
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final, TypeAlias

from shared.errors import DomainError
from shared.http.problems import INTERNAL, METHOD_NOT_ALLOWED
from shared.settings import SERVICES

Error: TypeAlias = type[DomainError]

PAGE: Final = Path(__file__).parents[2] / "docs" / "errors.md"

HEAD: Final = """\
# Errors

Every refusal is an RFC 9457 problem (`application/problem+json`): `type`, `title`, `status`, `detail`, `slug`,
`trace_id`, `errors`. Programs go by the slug, which is stable; the detail says what to do, and `errors` points at the
fields at fault. Which operation answers which slugs stands in its description, `/{service}/openapi.json`.

This page is made from the error classes by `make catalogue`.

| slug | status | what it means | from |
|---|---|---|---|
"""
BESIDE_CLASSES: Final = (METHOD_NOT_ALLOWED, INTERNAL)


def all_errors() -> list[Error]:
    """Every error class of the services and of `shared`."""
    for package in ("shared", *(f"services.{service}" for service in SERVICES)):
        _import_all(package)
    return sorted(_below(DomainError), key=lambda error: (error.slug, error.__module__, error.__name__))


def _import_all(package: str) -> None:
    """Imports what stands in a package; but for migrations, which run when they are imported."""
    for module in pkgutil.iter_modules(importlib.import_module(package).__path__, f"{package}."):
        if module.ispkg and not module.name.endswith(".migrations"):
            _import_all(module.name)
        elif not module.ispkg:
            importlib.import_module(module.name)


def _below(error: Error) -> Iterator[Error]:
    for each in error.__subclasses__():
        if each.__module__.startswith(("shared.", "services.")):
            yield each
            yield from _below(each)


def by_slug(errors: Iterable[Error]) -> dict[str, list[Error]]:
    """Slug -> the classes that name it themselves, in their order."""
    found: dict[str, list[Error]] = {}
    for error in errors:
        if "slug" in vars(error):
            found.setdefault(error.slug, []).append(error)
    return found


def contradictions(errors: Iterable[Error]) -> dict[str, list[str]]:
    """Slugs that do not mean the same everywhere -> what they mean where."""
    meanings = {
        slug: {(each.kind, each.title): f"{each.kind.value} {each.title} ({_home(each)})" for each in classes}
        for slug, classes in by_slug(errors).items()
    }
    return {slug: list(each.values()) for slug, each in meanings.items() if len(each) > 1}


def page(errors: Iterable[Error]) -> str:
    rows = {slug: (each[0].kind.value, _meaning(each), _homes(each)) for slug, each in by_slug(errors).items()}
    rows |= {slug: (status, title, "shared") for status, slug, title in BESIDE_CLASSES}
    return HEAD + "".join(
        f"| `{slug}` | {status} | {meaning} | {homes} |\n" for slug, (status, meaning, homes) in sorted(rows.items())
    )


def _meaning(classes: list[Error]) -> str:
    """The title, and what the classes say of themselves."""
    said = [" ".join(each.__doc__.split()) for each in classes if each.__doc__]
    return ". ".join(dict.fromkeys([*(each.title for each in classes), *said]))


def _homes(classes: list[Error]) -> str:
    return ", ".join(dict.fromkeys(map(_home, classes)))


def _home(error: Error) -> str:
    """`shared`, or the service."""
    return error.__module__.removeprefix("services.").partition(".")[0]


if __name__ == "__main__":
    PAGE.write_text(page(all_errors()), encoding="utf-8")

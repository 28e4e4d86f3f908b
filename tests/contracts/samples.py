"""Published events as they were: a sample of each type and major version, in JSON, never edited once released.

`python -m tests.contracts.samples` writes the samples that do not exist yet; it leaves those that do alone. What came
to an event later has a sample of its own beside the first: it is written when its file is named behind the command.
"""

import importlib
import json
import pkgutil
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin
from uuid import UUID

from pydantic import BaseModel

import shared.contracts
from shared.contracts.base import Fact

GOLDEN = Path(__file__).parent / "golden"


def facts() -> list[type[Fact]]:
    """Every event that a service publishes, found in the modules of shared.contracts."""
    for module in pkgutil.iter_modules(shared.contracts.__path__):
        importlib.import_module(f"shared.contracts.{module.name}")
    return sorted(
        (fact for fact in _below(Fact) if "TYPE" in vars(fact) and fact.__module__.startswith("shared.contracts")),
        key=lambda fact: fact.TYPE,
    )


def _below(fact: type[Fact]) -> Iterator[type[Fact]]:
    for each in fact.__subclasses__():
        yield each
        yield from _below(each)


def file_of(fact: type[Fact]) -> Path:
    return GOLDEN / f"{fact.TYPE}.{fact.MAJOR}.json"


def later_files(fact: type[Fact]) -> list[Path]:
    """Samples of what came to an event after its first one had landed, in the same form: `TYPE.MAJOR.FIELD.json`."""
    return sorted(GOLDEN.glob(f"{fact.TYPE}.{fact.MAJOR}.*.json"))


def sample(fact: type[Fact]) -> dict[str, Any]:
    """A fact with every field filled, one with only those it must have, and the values of its closed lists."""
    full = fact(**_filled(fact)).model_dump(mode="json")
    must = {name for name, field in fact.model_fields.items() if field.is_required()}
    return {
        "full": full,
        "least": {name: value for name, value in full.items() if name in must},
        "choices": {name: list(choices) for name, choices in _choices(fact)},
    }


def _choices(fact: type[Fact]) -> Iterator[tuple[str, tuple[object, ...]]]:
    for name, field in fact.model_fields.items():
        kinds = (field.annotation, *get_args(field.annotation))
        for kind in kinds:
            if get_origin(kind) is Literal:
                yield name, get_args(kind)


def _filled(model: type[BaseModel]) -> dict[str, Any]:
    return {
        name: _value(field.annotation, f"{model.__name__}.{name}", number)
        for number, (name, field) in enumerate(model.model_fields.items(), 1)
    }


def _value(kind: Any, name: str, number: int) -> Any:
    origin, arguments = get_origin(kind), get_args(kind)
    if origin in (Union, UnionType, Annotated):
        return _value(next(each for each in arguments if each is not NoneType), name, number)
    if origin is Literal:
        return arguments[-1]
    if origin is list:
        return [_value(arguments[0], name, number), _value(arguments[0], name, number + 1)]
    if origin is dict:
        return {f"key-{number}": _value(arguments[1], name, number)}
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return _filled(kind)
    return PLAIN[kind](name, number)


PLAIN: dict[Any, Any] = {
    UUID: lambda _, number: UUID(f"019a0000-0000-7000-8000-{number:012d}"),
    datetime: lambda _, number: datetime(2026, 11, 4, 1, number, 30, 123456, tzinfo=UTC),
    date: lambda _, number: date(1990, 1, number),
    Decimal: lambda _, number: Decimal(f"-{number}234.50") if number % 2 else Decimal(f"{number}.25"),
    int: lambda _, number: number,
    bool: lambda _, number: True,
    str: lambda name, _: f"{name} 样本",
}


if __name__ == "__main__":
    GOLDEN.mkdir(exist_ok=True)
    for each in facts():
        if not file_of(each).exists():
            file_of(each).write_text(json.dumps(sample(each), indent=2, ensure_ascii=False) + "\n")
            sys.stdout.write(f"written: {file_of(each)}\n")
    for later in map(Path, sys.argv[1:]):  # such as tests/contracts/golden/crm.purchase.recorded.1.lines.json
        named = next(each for each in facts() if later.name.startswith(f"{each.TYPE}.{each.MAJOR}."))
        if not later.exists():
            later.write_text(json.dumps(sample(named), indent=2, ensure_ascii=False) + "\n")
            sys.stdout.write(f"written: {later}\n")

"""What a function names where it runs: errors and other functions, each with what is caught around it.

An error counts where its class is named, whether it is raised there, built and returned, or handed on; not where it is
caught. A function counts as called where it is named, so also when it is handed on; a class runs what Python calls of
it by itself. A method of something unknown is taken for every method of that name.
"""

import ast
import importlib
import pkgutil
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from types import FunctionType, ModuleType
from typing import Any, TypeAlias

from shared.errors import DomainError
from tests.architecture.meanings import Meanings, Scope, classes_of, function_of, members

Error: TypeAlias = type[DomainError]
Caught: TypeAlias = frozenset[type[BaseException]]


@dataclass(frozen=True)
class Use:
    thing: Error | FunctionType
    caught: Caught


def modules_of(package: str) -> list[ModuleType]:
    """The package and everything below it, imported; but for migrations, which run when they are."""
    top = importlib.import_module(package)
    found = [top]
    for each in pkgutil.iter_modules(getattr(top, "__path__", []), f"{package}."):
        if not each.name.endswith(".migrations"):
            found += modules_of(each.name)
    return found


class Code:
    """Some packages: what is followed, while everything else is taken to raise nothing of ours."""

    def __init__(self, *packages: str) -> None:
        self.modules = [module for package in packages for module in modules_of(package)]
        self._names = {module.__name__ for module in self.modules}
        self._uses: dict[FunctionType, list[Use]] = {}

    def uses_of(self, function: FunctionType) -> list[Use]:
        if function not in self._uses:
            self._uses[function] = list(_Reader(self, function).uses()) if self.has(function) else []
        return self._uses[function]

    def has(self, thing: Any) -> bool:
        return getattr(thing, "__module__", None) in self._names

    @cached_property
    def methods(self) -> Mapping[str, list[FunctionType]]:
        """Name -> the methods of this name in all classes; not those that Python calls by itself."""
        found: dict[str, list[FunctionType]] = {}
        for module in self.modules:
            for kind in vars(module).values():
                if isinstance(kind, type) and kind.__module__ == module.__name__:
                    for name, member in vars(kind).items():
                        if not _is_special(name) and (function := function_of(member)):
                            found.setdefault(name, []).append(function)
        return found


class _Reader:
    """Reads one function."""

    def __init__(self, code: Code, function: FunctionType) -> None:
        self._code = code
        self._scope = Scope(function)

    def uses(self) -> Iterator[Use]:
        if self._scope.syntax is not None:
            yield from self._function(self._scope.syntax, frozenset())

    def _read(self, node: ast.AST, caught: Caught) -> Iterator[Use]:
        match node:
            case ast.Try():
                yield from self._try(node, caught)
            case ast.With() | ast.AsyncWith():
                yield from self._with(node, caught)
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.Lambda():
                yield from self._function(node, caught)
            case ast.AnnAssign(target, _, value):
                yield from self._all(filter(None, [target, value]), caught)
            case ast.Call(ast.Name("isinstance" | "issubclass"), [thing, _]):
                yield from self._read(thing, caught)
            case ast.Call(ast.Name("suppress")):
                return
            case _:
                yield from self._named(node, caught)
                yield from self._all(ast.iter_child_nodes(node), caught)

    def _all(self, nodes: Iterable[ast.AST], caught: Caught) -> Iterator[Use]:
        for node in nodes:
            yield from self._read(node, caught)

    def _function(self, node: Any, caught: Caught) -> Iterator[Use]:
        """The body, and the defaults of parameters; not annotations and decorators."""
        body = node.body if isinstance(node.body, list) else [node.body]
        yield from self._all(filter(None, [*node.args.defaults, *node.args.kw_defaults]), caught)
        yield from self._all(body, caught)

    def _try(self, node: ast.Try, caught: Caught) -> Iterator[Use]:
        ended = [kind for each in node.handlers if not _goes_on(each) for kind in self._exceptions(each.type)]
        yield from self._all(node.body, caught.union(ended))
        for handler in node.handlers:
            yield from self._all(handler.body, caught)
        yield from self._all([*node.orelse, *node.finalbody], caught)

    def _with(self, node: ast.With | ast.AsyncWith, caught: Caught) -> Iterator[Use]:
        yield from self._all(node.items, caught)
        calls = [item.context_expr for item in node.items if isinstance(item.context_expr, ast.Call)]
        suppressed = [
            kind for call in calls if _is_suppress(call) for each in call.args for kind in self._exceptions(each)
        ]
        yield from self._all(node.body, caught.union(suppressed))

    def _exceptions(self, node: ast.expr | None) -> Iterator[type[BaseException]]:
        """What a handler names; everything when it names nothing."""
        match node:
            case None:
                yield BaseException
            case ast.Tuple(parts):
                for part in parts:
                    yield from self._exceptions(part)
            case _:
                for each in _flat(self._scope.meanings(node)):
                    if isinstance(each, type) and issubclass(each, BaseException):
                        yield each

    def _named(self, node: ast.AST, caught: Caught) -> Iterator[Use]:
        for thing in self._things(node):
            if isinstance(thing, type) and issubclass(thing, DomainError):
                yield Use(thing, caught)
            for function in self._run_by(thing):
                yield Use(function, caught)

    def _things(self, node: ast.AST) -> Iterator[object]:
        match node:
            case ast.Name(ctx=ast.Load()):
                yield from _flat(self._scope.meanings(node))
            case ast.Attribute(value, name, ast.Load()):
                yield from _flat(found for base in self._scope.meanings(value) for found in members(base, name))
            case ast.Call(ast.Attribute(value, name)) if self._is_unknown(self._scope.meanings(value), name):
                yield from self._code.methods.get(name, [])

    def _is_unknown(self, bases: Meanings, name: str) -> bool:
        """Whether all that is known of a method is its name; what others wrote is taken to be known."""
        if any(True for base in bases for _ in members(base, name)):
            return False
        kinds = [kind for base in bases for kind in classes_of(base)]
        return not kinds or any(self._code.has(kind) for kind in kinds)

    def _run_by(self, thing: object) -> Iterator[FunctionType]:
        if isinstance(thing, type):
            if self._code.has(thing) and not issubclass(thing, BaseException):
                special = [member for name, member in vars(thing).items() if _is_special(name)]
                yield from filter(None, map(function_of, special))
        elif (function := function_of(thing)) is not None:
            yield function


def _goes_on(handler: ast.ExceptHandler) -> bool:
    """Whether what is caught may be raised again: `raise`, or `raise fault`."""
    raised = [node.exc for node in ast.walk(handler) if isinstance(node, ast.Raise)]
    return any(each is None or (isinstance(each, ast.Name) and each.id == handler.name) for each in raised)


def _is_suppress(call: ast.Call) -> bool:
    return isinstance(call.func, ast.Name) and call.func.id == "suppress"


def _is_special(name: str) -> bool:
    return name.startswith("__") and name.endswith("__")


def _flat(things: Iterable[object]) -> Iterator[object]:
    """A table or a row of things stands for what is in it."""
    for each in things:
        if isinstance(each, Mapping):
            yield from _flat(each.values())
        elif isinstance(each, tuple | list | set | frozenset):
            yield from _flat(each)
        else:
            yield each

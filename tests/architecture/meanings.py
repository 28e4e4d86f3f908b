"""What an expression in a function stands for, as far as names, annotations and assignments say.

The modules are imported, so a name means what it means where it stands. A meaning is the thing itself (a module, a
function, a class) or `Some(kind)`: one of a kind. An expression can have several, and none when nothing is known.
"""

import ast
import builtins
import inspect
import types
from collections import ChainMap
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import cache, cached_property, partial
from pathlib import Path
from typing import Annotated, Any, TypeAlias, TypeVar, Union, get_args, get_origin

FunctionSyntax: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
Meanings: TypeAlias = list[object]
NOTHING_KNOWN = (Any, object, types.NoneType)


@dataclass(frozen=True)
class Some:
    """One of a kind; the kind is an annotation."""

    kind: Any

    @property
    def classes(self) -> list[type]:
        return list(_classes(self.kind))


def _classes(kind: Any) -> Iterator[type]:
    if isinstance(kind, TypeVar):
        yield from _classes(kind.__bound__)
    elif get_origin(kind) in (Union, types.UnionType):
        for each in get_args(kind):
            yield from _classes(each)
    elif get_origin(kind) is Annotated:
        yield from _classes(get_args(kind)[0])
    elif isinstance(found := get_origin(kind) or kind, type) and found not in NOTHING_KNOWN:
        yield found


# ---------------------------------------------------------------------------- functions


def function_of(thing: Any) -> types.FunctionType | None:
    """The function that runs when `thing` is called or read; what decorates it is undone."""
    match thing:
        case classmethod() | staticmethod() | types.MethodType():
            return function_of(thing.__func__)
        case property():
            return function_of(thing.fget)
        case cached_property() | partial():
            return function_of(thing.func)
    found = inspect.unwrap(thing) if callable(thing) else None
    return found if isinstance(found, types.FunctionType) else None


def syntax_of(function: types.FunctionType) -> FunctionSyntax | None:
    """None for a function that was made without a source, such as the __init__ of a dataclass."""
    code = function.__code__
    return _functions_in(code.co_filename).get((code.co_name, code.co_firstlineno))


@cache
def _functions_in(file: str) -> dict[tuple[str, int], FunctionSyntax]:
    if not Path(file).is_file():
        return {}
    tree = ast.parse(Path(file).read_text(encoding="utf-8"))
    return {_place(node): node for node in ast.walk(tree) if isinstance(node, FunctionSyntax)}


def _place(node: FunctionSyntax) -> tuple[str, int]:
    if isinstance(node, ast.Lambda):
        return "<lambda>", node.lineno
    return node.name, min(part.lineno for part in (node, *node.decorator_list))


@cache
def hints_of(thing: Any) -> dict[str, Any]:
    """Annotations by name, of a class those of its bases too; what cannot be read at run time is left out."""
    found: dict[str, Any] = {}
    for each in reversed(thing.__mro__) if isinstance(thing, type) else [thing]:
        names = vars(inspect.getmodule(each)) if inspect.getmodule(each) else {}
        for name, hint in inspect.get_annotations(each).items():
            with suppress(Exception):
                found[name] = eval(hint, dict(names)) if isinstance(hint, str) else hint
    return found


# ---------------------------------------------------------------------------- members and results


def members(base: object, name: str) -> Iterator[object]:
    """What `base.name` stands for."""
    if isinstance(base, types.ModuleType):
        if hasattr(base, name):
            yield getattr(base, name)
        return
    for kind in classes_of(base):
        found = inspect.getattr_static(kind, name, None)
        if function_of(found) is not None:
            yield found
        elif isinstance(found, kind):  # of an enum
            yield Some(kind)
        elif name in hints_of(kind):
            yield Some(hints_of(kind)[name])


def classes_of(meaning: object) -> list[type]:
    """The classes whose members it has; none for a module."""
    if isinstance(meaning, Some):
        return meaning.classes
    return [meaning] if isinstance(meaning, type) else [type(meaning)]


def results(called: object) -> Iterator[object]:
    """What a call gives."""
    function = function_of(called)
    if isinstance(called, type):
        yield Some(called)
    elif function is not None and "return" in hints_of(function):
        yield Some(hints_of(function)["return"])


def _read(member: object) -> object:
    """A property stands for what it gives."""
    if isinstance(member, property | cached_property):
        return next(results(member), None)
    return member


# ---------------------------------------------------------------------------- names


class Scope:
    """The names within a function, wherever in it they are bound."""

    def __init__(self, function: types.FunctionType) -> None:
        self.syntax = syntax_of(function)
        nonlocals = dict(inspect.getclosurevars(function).nonlocals)
        self._outer = ChainMap(nonlocals, function.__globals__, vars(builtins))
        self._ways: dict[str, list[Callable[[], Meanings]]] = {}
        self._asked: set[str] = set()
        if self.syntax is not None:
            for node in ast.walk(self.syntax):
                self._bind_by(node)
            self._bind_parameters(function)

    def meanings(self, node: ast.expr | None) -> Meanings:
        match node:
            case ast.Name(name):
                return self._of_name(name)
            case ast.Attribute(value, name):
                return [_read(found) for base in self.meanings(value) for found in members(base, name)]
            case ast.Call(ast.Name("partial" | "replace"), [first, *_]):
                return self.meanings(first)
            case ast.Call(called):
                return [found for each in self.meanings(called) for found in results(each)]
            case ast.Subscript(value):
                return self._elements(value)
            case _:
                through = [found for part in _parts(node) for found in self.meanings(part)]
                return through + [Some(kind) for kind in _literal(node)]

    def _of_name(self, name: str) -> Meanings:
        if name not in self._ways:
            return [self._outer[name]] if name in self._outer else []
        if name in self._asked:  # x = x.next
            return []
        self._asked.add(name)
        try:
            return [found for way in self._ways[name] for found in way()]
        finally:
            self._asked.discard(name)

    def _bind_by(self, node: ast.AST) -> None:
        match node:
            case ast.Assign(targets, value):
                for target in targets:
                    self._bind(target, partial(self.meanings, value))
            case ast.NamedExpr(target, value):
                self._bind(target, partial(self.meanings, value))
            case ast.AnnAssign(target, annotation):
                self._bind(target, partial(self._annotated, annotation))
            case ast.For(target, value) | ast.AsyncFor(target, value) | ast.comprehension(target, value):
                self._bind(target, partial(self._elements, value))
            case ast.withitem(value, ast.expr() as target):
                self._bind(target, partial(self._entered, value))
            case ast.arg(name):  # of a function within this one; the parameters of its own are known better
                self._ways.setdefault(name, [])

    def _bind(self, target: ast.expr, way: Callable[[], Meanings]) -> None:
        match target:
            case ast.Name(name):
                self._ways.setdefault(name, []).append(way)
            case ast.Tuple(parts):
                for place, part in enumerate(parts):
                    self._bind(part, partial(self._part, way, place))

    def _bind_parameters(self, function: types.FunctionType) -> None:
        for name, hint in hints_of(function).items():
            if name != "return":
                self._ways.setdefault(name, []).append(partial(list, [Some(hint)]))
        owner = _owner(function)
        if owner is not None:
            self._ways["self"] = [partial(list, [Some(owner)])]
            self._ways["cls"] = [partial(list, [owner])]

    def _annotated(self, annotation: ast.expr) -> Meanings:
        with suppress(Exception):
            return [Some(eval(ast.unparse(annotation), dict(self._outer)))]
        return []

    def _elements(self, value: ast.expr) -> Meanings:
        """What comes out of a collection: the last of what its kind is made of, so of a mapping its values."""
        return [Some(kinds[-1]) for each in self.meanings(value) if (kinds := _made_of(each))]

    def _entered(self, value: ast.expr) -> Meanings:
        """What `with` gives: of a generator what it yields, else the thing itself."""
        return [Some(kinds[0]) if (kinds := _made_of(each)) else each for each in self.meanings(value)]

    def _part(self, way: Callable[[], Meanings], place: int) -> Meanings:
        return [Some(kinds[place]) for each in way() if len(kinds := _made_of(each)) > place]


def _made_of(meaning: object) -> list[Any]:
    """`[str, int]` of a `dict[str, int]`."""
    return [kind for kind in get_args(meaning.kind) if kind is not Ellipsis] if isinstance(meaning, Some) else []


def _parts(node: ast.expr | None) -> list[ast.expr]:
    """The parts of an expression that it can come to."""
    match node:
        case ast.Await(value) | ast.NamedExpr(value=value) | ast.Starred(value):
            return [value]
        case ast.IfExp(body=one, orelse=other):
            return [one, other]
        case ast.BoolOp(values=values):
            return values
    return []


def _owner(function: types.FunctionType) -> type | None:
    """The class of a method."""
    found: Any = inspect.getmodule(function)
    for part in function.__qualname__.split(".")[:-1]:
        found = getattr(found, part, None)
    return found if isinstance(found, type) else None


def _literal(node: ast.expr | None) -> Iterator[type]:
    match node:
        case ast.Constant(value):
            yield type(value)
        case ast.JoinedStr():
            yield str
        case ast.List() | ast.ListComp():
            yield list
        case ast.Dict() | ast.DictComp():
            yield dict
        case ast.Set() | ast.SetComp():
            yield set
        case ast.Tuple():
            yield tuple

"""The project's own files, read as text or as syntax, for tests about how it is built."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

ROOT = Path(__file__).parents[2]

NOT_OURS = {
    ".cache",
    ".data",
    ".git",
    ".hypothesis",
    ".import_linter_cache",
    ".kafka",
    ".mypy_cache",
    ".pytest_cache",
    ".ruff_cache",
    ".venv",
    "__pycache__",
    "build",
    "made",
    "node_modules",
    "target",
}


@dataclass(frozen=True)
class Source:
    """A Python file: where it lies in the project, and what stands in it."""

    path: Path
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text)

    @property
    def place(self) -> str:
        return self.path.as_posix()


def project_files(root: Path = ROOT) -> Iterator[Path]:
    """Every file that belongs to the project, relative to its root."""
    for path in sorted(root.iterdir()):
        yield from _below(path, root)


def _below(path: Path, root: Path) -> Iterator[Path]:
    if path.name in NOT_OURS or path.name.endswith(".egg-info"):
        return
    if path.is_dir():
        for child in sorted(path.iterdir()):
            yield from _below(child, root)
    else:
        yield path.relative_to(root)


def python_sources(*folders: str, root: Path = ROOT) -> list[Source]:
    """The Python files under the named top-level folders."""
    return [_source(path, root) for path in project_files(root) if path.suffix == ".py" and path.parts[0] in folders]


@cache
def _source(path: Path, root: Path) -> Source:
    """Read and parsed once, whoever asks."""
    return Source(path, (root / path).read_text(encoding="utf-8"))


def is_migration(source: Source) -> bool:
    return "migrations" in source.path.parts


def imported_names(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """(line, dotted name) of each import; `from a import b` gives `a.b`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                yield node.lineno, f"{node.module}.{alias.name}"


def dotted(node: ast.expr) -> str:
    """`a.b.c` of an attribute chain; an empty string for anything else."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name):
        return ""
    return ".".join([node.id, *reversed(parts)])


def local_names(tree: ast.AST) -> dict[str, str]:
    """Local name -> dotted name it was imported as."""
    names: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names.update((alias.asname or alias.name, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            names.update((alias.asname or alias.name, f"{node.module}.{alias.name}") for alias in node.names)
    return names


def resolved(node: ast.expr, names: dict[str, str]) -> str:
    """The dotted name that an expression stands for, aliases of imports undone."""
    head, _, rest = dotted(node).partition(".")
    full = names.get(head, head)
    return f"{full}.{rest}" if rest else full


def docstrings(tree: ast.Module) -> set[int]:
    """The ids of the string nodes that stand alone as statements."""
    return {
        id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }


def spoken_strings(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """(line, text) of every string that is not a docstring."""
    silent = docstrings(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in silent:
            yield node.lineno, node.value

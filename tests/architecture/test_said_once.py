"""What is looked up in a table stands there once: of a key that comes twice, the first is lost without a word."""

import ast
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from shared.settings import SERVICES
from tests.architecture.source import ROOT

TABLES = sorted(ROOT.glob("services/*/reactions.py")) + sorted(ROOT.glob("services/*/policy.py"))
WORDS = [[file] for file in sorted(ROOT.glob("services/*/words.py"))]
WORDS += [sorted(package.glob("*.py")) for package in sorted(ROOT.glob("services/*/words"))]
"""Of each service the files of its vocabulary: one, or those of a package, which are one table."""
TABLES += [*(file for files in WORDS for file in files), ROOT / "shared/http/words.py"]


def repeated(module: ast.Module) -> Iterator[str]:
    for node in ast.walk(module):
        if isinstance(node, ast.Dict):
            counted = Counter(ast.unparse(key) for key in node.keys if key is not None)
            yield from (key for key, times in counted.items() if times > 1)


def repeated_among(modules: Iterable[ast.Module]) -> Iterator[str]:
    """Tags, choices and words of a vocabulary that stand in several of its modules."""
    said = Counter(
        f"{part.arg} {ast.unparse(key)}"
        for module in modules
        for node in ast.walk(module)
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "Vocabulary"
        for part in node.keywords
        if isinstance(part.value, ast.Dict)
        for key in part.value.keys
        if key is not None
    )
    yield from (name for name, times in said.items() if times > 1)


def test_every_service_has_its_words() -> None:
    assert len(WORDS) == len(SERVICES)


@pytest.mark.parametrize("files", WORDS, ids=lambda files: str(files[0].relative_to(ROOT)))
def test_each_word_of_a_service_stands_in_one_place(files: list[Path]) -> None:
    assert list(repeated_among(ast.parse(file.read_text(encoding="utf-8")) for file in files)) == []


def test_a_word_that_two_modules_say_is_seen() -> None:
    one, other = "A = Vocabulary(words={'a': '1', 'b': '2'})", "B = Vocabulary(words={'b': '3'}, tags={'a': '4'})"
    assert list(repeated_among([ast.parse(one), ast.parse(other)])) == ["words 'b'"]


@pytest.mark.parametrize("file", TABLES, ids=lambda file: str(file.relative_to(ROOT)))
def test_each_key_stands_once(file: Path) -> None:
    assert list(repeated(ast.parse(file.read_text(encoding="utf-8")))) == []


def test_a_key_that_comes_twice_is_seen() -> None:
    assert list(repeated(ast.parse("{a.B: 1, 'c': 2, a.B: 3}"))) == ["a.B"]

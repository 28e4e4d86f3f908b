"""What is looked up in a table stands there once: of a key that comes twice, the first is lost without a word."""

import ast
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.source import ROOT

TABLES = sorted(ROOT.glob("services/*/reactions.py")) + sorted(ROOT.glob("services/*/policy.py"))
TABLES += [*sorted(ROOT.glob("services/*/words.py")), ROOT / "shared/http/words.py"]


def repeated(module: ast.Module) -> Iterator[str]:
    for node in ast.walk(module):
        if isinstance(node, ast.Dict):
            counted = Counter(ast.unparse(key) for key in node.keys if key is not None)
            yield from (key for key, times in counted.items() if times > 1)


@pytest.mark.parametrize("file", TABLES, ids=lambda file: str(file.relative_to(ROOT)))
def test_each_key_stands_once(file: Path) -> None:
    assert list(repeated(ast.parse(file.read_text(encoding="utf-8")))) == []


def test_a_key_that_comes_twice_is_seen() -> None:
    assert list(repeated(ast.parse("{a.B: 1, 'c': 2, a.B: 3}"))) == ["a.B"]

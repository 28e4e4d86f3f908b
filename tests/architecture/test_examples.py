"""Every worked example of docs/examples.md is held by a test that carries its number, and the other way round."""

import ast
import re
from collections.abc import Iterator

from tests.architecture.source import ROOT, python_sources

WRITTEN = re.compile(r"^## (\d+)\. ", re.MULTILINE)


def written() -> list[int]:
    return [int(number) for number in WRITTEN.findall((ROOT / "docs/examples.md").read_text())]


def held() -> set[int]:
    return {number for source in python_sources("tests") for number in marked(source.tree)}


def marked(tree: ast.Module) -> Iterator[int]:
    """The numbers of `@pytest.mark.example(…)` on the functions of a module."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            for mark in node.decorator_list:
                if isinstance(mark, ast.Call) and ast.unparse(mark.func) == "pytest.mark.example":
                    yield from (ast.literal_eval(argument) for argument in mark.args)


def test_each_example_stands_once_and_in_order() -> None:
    assert written() == sorted(set(written()))


def test_no_example_is_without_a_test() -> None:
    assert sorted(set(written()) - held()) == []


def test_no_test_holds_an_example_that_is_not_written_down() -> None:
    assert sorted(held() - set(written())) == []


def test_a_mark_is_found_on_functions_of_both_kinds() -> None:
    module = ast.parse("@pytest.mark.example(3)\ndef a(): ...\n@pytest.mark.example(4, 5)\nasync def b(): ...\n")
    assert sorted(marked(module)) == [3, 4, 5]

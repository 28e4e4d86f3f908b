"""Shares of customers say in what they are told; whatever is new is told in one way: 0 to 1, a decimal as text."""

import re
from collections.abc import Iterator
from typing import Any, Final

from tests.contracts.descriptions import description

OF_A_HUNDRED: Final = {
    "PyramidLevelOut.share",
    "PyramidLevelOut.expected_share",
    "TraitsOut.shelf_share",
    "TraitsPatch.shelf_share",
    "WinbackRatesOut.rate",
}
"""Published so; nothing is added."""
AS_NUMBERS: Final = {"CustomerExpectedOut.alive", "ExpectedOut.alive", "ImportOut.progress"}
"""Likewise."""
_NAMED: Final = re.compile(r"(^|_)(share|(?<!run_)rate|probability|likely|alive|progress)$")
_SAID: Final = re.compile(r"\b(which part of (?!the scheme)|which share|this part of|how likely (?!times)|chance)")
_OTHERWISE: Final = re.compile(r"CNY|\b1 to 5\b|shape of|^the chance of leaving")
"""Amounts, grades, and what a model is made of."""


def _kinds(schema: dict[str, Any]) -> set[str]:
    return {each.get("type", "") for each in (schema, *schema.get("anyOf", ()))} - {"", "null"}


def shares(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """The fields that are a part of something, by their name or by what is said of them."""
    for name, schema in document["components"]["schemas"].items():
        for field, said in schema.get("properties", {}).items():
            words = said.get("description", "")
            if (_NAMED.search(field) or _SAID.search(words)) and _kinds(said) and not _OTHERWISE.search(words):
                yield f"{name}.{field}", said


def test_every_share_says_its_unit() -> None:
    told = dict(shares(description("customers")))
    of_a_hundred = {name for name, said in told.items() if "of a hundred" in said["description"]}
    of_one = {name for name, said in told.items() if "0 to 1" in said["description"]}
    assert sorted(told.keys() - of_a_hundred - of_one) == []
    assert of_a_hundred == OF_A_HUNDRED
    assert {name for name in of_one if _kinds(told[name]) == {"number"}} == AS_NUMBERS
    assert len(of_one) > 20, "it looks at them"

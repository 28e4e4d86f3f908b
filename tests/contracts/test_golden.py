"""What was ever published is read for years: each golden sample still gives the same values (architecture 3)."""

import json
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from shared.contracts import care, complaints, customers, responsibility
from shared.contracts.base import Fact
from shared.contracts.confirmations import REPORTING
from tests.contracts.samples import GOLDEN, facts, file_of, later_files

FACTS = facts()
KINDS = [fact.TYPE for fact in FACTS]
LATER = [file for fact in FACTS for file in later_files(fact)]
TOPICS = {
    customers.FACTS,
    customers.DIRECTORY,
    customers.CONTACTS,
    complaints.FACTS,
    responsibility.RESPONSIBILITY,
    care.FACTS,
    REPORTING,
}


def _golden(fact: type[Fact]) -> dict[str, Any]:
    golden: dict[str, Any] = json.loads(file_of(fact).read_text())
    return golden


def _keeps(read: object, golden: object) -> bool:
    """Whether everything of the sample is there; later fields may stand beside it."""
    if isinstance(golden, dict):
        return isinstance(read, dict) and all(name in read and _keeps(read[name], golden[name]) for name in golden)
    if isinstance(golden, list):
        return isinstance(read, list) and len(read) == len(golden) and all(map(_keeps, read, golden))
    return read == golden


@pytest.mark.parametrize("fact", FACTS, ids=KINDS)
def test_every_event_has_a_sample(fact: type[Fact]) -> None:
    assert file_of(fact).exists(), "write it with: python -m tests.contracts.samples"


def test_no_published_event_is_taken_away() -> None:
    later = {file.name for file in LATER}
    assert {file.name for file in GOLDEN.iterdir()} - later == {file_of(fact).name for fact in FACTS}


@pytest.mark.parametrize("fact", FACTS, ids=KINDS)
def test_samples_are_read_to_the_same_values(fact: type[Fact]) -> None:
    golden = _golden(fact)
    for part in ("full", "least"):
        read = fact.model_validate_json(json.dumps(golden[part]))
        assert _keeps(read.model_dump(mode="json"), golden[part])


@pytest.mark.parametrize(
    "file", [file for fact in FACTS for file in later_files(fact)], ids=lambda file: str(file.stem)
)
def test_samples_of_what_came_later_are_read_to_the_same_values(file: Path) -> None:
    [fact] = [fact for fact in FACTS if file in later_files(fact)]
    golden = json.loads(file.read_text())
    for part in ("full", "least"):
        read = fact.model_validate_json(json.dumps(golden[part]))
        assert _keeps(read.model_dump(mode="json"), golden[part])
    assert file.stem.rpartition(".")[2] in golden["full"], "named after the field that came"


@pytest.mark.parametrize("fact", FACTS, ids=KINDS)
def test_no_value_of_a_closed_list_is_taken_away(fact: type[Fact]) -> None:
    golden = _golden(fact)
    for name, choices in golden["choices"].items():
        for choice in choices:
            assert getattr(fact.model_validate({**golden["full"], name: choice}), name) == choice


@pytest.mark.parametrize("fact", FACTS, ids=KINDS)
def test_what_is_unknown_is_ignored(fact: type[Fact]) -> None:
    full = _golden(fact)["full"]
    assert fact.model_validate({**full, "of_a_later_version": {"x": [1]}}) == fact.model_validate(full)


@pytest.mark.parametrize("fact", FACTS, ids=KINDS)
def test_types_and_topics_are_stable_names(fact: type[Fact]) -> None:
    assert fact.TYPE.startswith("crm.")
    assert fact.TOPIC in TOPICS
    assert fact.TOPIC.endswith(f".v{fact.MAJOR}"), "the topic carries the major version"


def test_a_type_means_one_thing() -> None:
    assert len(set(KINDS)) == len(KINDS)


PERSONAL = {"name", "phone", "phones", "address", "email", "emails", "mail", "birthday", "text", "note", "wish", "said"}
CODES = {
    "kind": "a code",
    "role": "a code of domain 1",
    "subject": "a code such as after_sales",
    "against_type": "a code",
    "code": "of what was promised, or is done by contract, from a table",
    "media_type": "one of a closed list",
    "channel": "a code",
    "cause": "why somebody left: a code of a table",
    "occasion": "a template's name",
    "purpose": "a code",
    "reason": "a code such as smtp-550",
    "changed": "names of fields",
    "number": "a case's number, ours",
    "instead_of": "a notice's number, ours",
    "external_no": "a customer's or an order's number in another system",
    "invoice_no": "the ERP's number of an invoice",
    "month": "YYYY-MM",
    "errand": "of what is done after the end of a contract, from a table",
    "part": "of the scheme: a code such as penalties",
    "product": "the name or number of a product of the company, as purchases and cases name it",
    "batch": "of a product, as it stands on the pack: an identifier, one line of 64 characters at most",
}
"""Texts that facts may carry; a new one needs a reason why it is nobody's data."""


@pytest.mark.parametrize("fact", FACTS, ids=KINDS)
def test_facts_carry_no_personal_data(fact: type[Fact]) -> None:
    if fact.TOPIC in (customers.DIRECTORY, customers.CONTACTS):
        return
    for name, kind in _fields(fact):
        assert not PERSONAL & set(name.split("_")), f"{name} could be a person's"
        if "str" in kind:
            assert name in CODES, f"{name} is a free text: say in CODES why it is nobody's data"


def _fields(model: type[BaseModel]) -> list[tuple[str, set[str]]]:
    """Field names with the names of the plain types in their annotations; keys of mappings are not looked at."""
    return [(name, _kinds(field.annotation)) for name, field in model.model_fields.items()]


def _kinds(kind: Any) -> set[str]:
    arguments = getattr(kind, "__args__", None)
    if kind is str:
        return {"str"}
    if arguments is None:
        return set()
    values = arguments[1:] if getattr(kind, "__origin__", None) is dict else arguments
    return set().union(*(_kinds(each) for each in values))


@pytest.mark.parametrize("fact", [f for f in FACTS if f.TOPIC == customers.DIRECTORY], ids=lambda f: str(f.TYPE))
def test_the_directory_names_things_and_colleagues_not_customers(fact: type[Fact]) -> None:
    assert not {"phone", "phones", "email", "emails", "birthday"} & set(fact.model_fields)


def test_contacts_travel_on_their_own_topic_alone() -> None:
    assert [fact for fact in FACTS if fact.TOPIC == customers.CONTACTS] == [
        customers.ContactListed,
        customers.StaffContactListed,
    ]


@pytest.mark.parametrize("fact", FACTS, ids=KINDS)
def test_a_fact_is_frozen(fact: type[Fact]) -> None:
    assert fact.model_config.get("frozen")

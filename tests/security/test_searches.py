"""Every way to search by text is known: what is personal is found by who sees it in full alone (decision 20)."""

from typing import Final

import pytest

from shared.settings import ServiceName
from tests.postgres import FreshDatabase
from tests.security.services import ALL
from tests.support import one_service

PERSONAL: Final = {
    "list_customers q": "finds by what the caller sees in full: tests/customers/test_lookups.py",
    "list_competitors name": "a company's, which is nobody's data: tests/customers/test_competitors.py",
    "screen_pop phone": "its own permission, counted and audited: tests/customers/test_lookups.py",
    "list_complaints q": "in the words of cases that the caller reads in full: tests/complaints/test_search.py",
    "list_complaints phone": "counted and audited, in such cases: tests/complaints/test_search.py",
}
CODES: Final = {
    "cursor": "signed by us",
    "brand": "the name of a product line, ours or a competitor's",
    "cause": "a code of why customers leave",
    "role": "a code of domain 1",
    "source": "a code of where prospects come from",
    "kind": "a code",
    "tag": "what the company calls a customer by; shown to whoever sees the customer",
    "code": "of a promise: one of commitment-codes",
    "subject": "a code",
    "channel": "a code",
    "against_type": "a code",
    "stage": "a code",
    "external_no": "a number of another system; shown to whoever sees the customer",
    "invoice_no": "the number of an invoice; shown to whoever sees the customer",
    "number": "a case's number, ours",
    "number_part": "a part of it",
    "batch": "the number of a batch of a product",
    "product": "the name or number of a product",
    "store": "the name of a store, which the directory tells every service, or its number",
    "what": "a code of the audit",
    "month": "YYYY-MM",
    "from": "YYYY-MM",
    "to": "YYYY-MM",
}
"""Parameters of text that are nobody's data."""


@pytest.mark.parametrize("name", ALL)
async def test_no_operation_searches_by_a_text_that_nobody_thought_of(
    fresh_database: FreshDatabase, name: ServiceName
) -> None:
    async with one_service(fresh_database, name) as service:
        described = service.app.openapi()
    for path, item in described["paths"].items():
        for operation in item.values():
            for parameter in operation.get("parameters", []):
                if parameter["in"] != "query" or not _is_free_text(parameter["schema"]):
                    continue
                asked = parameter["name"]
                assert asked in CODES or f"{operation['operationId']} {asked}" in PERSONAL, f"{path}: {asked}"


def _is_free_text(schema: dict[str, object]) -> bool:
    kinds = schema.get("anyOf", [schema])
    assert isinstance(kinds, list)
    return any(kind.get("type") == "string" and not {"enum", "const", "format"} & kind.keys() for kind in kinds)

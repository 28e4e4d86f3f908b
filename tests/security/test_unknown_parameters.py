"""No operation of any service ignores a query parameter."""

import pytest

from shared.settings import ServiceName
from tests.postgres import FreshDatabase
from tests.security.services import ALL, operations
from tests.support import bearer, one_service


@pytest.mark.parametrize("name", ALL)
async def test_every_operation_refuses_what_it_does_not_know(fresh_database: FreshDatabase, name: ServiceName) -> None:
    async with one_service(fresh_database, name) as service:
        for operation in operations(service):
            answer = await operation.call(service.http, bearer(), query={"no_such_parameter": "1"})

            assert answer.status_code == 422, operation.name
            assert [each["pointer"] for each in answer.json()["errors"]] == ["query/no_such_parameter"], operation.name

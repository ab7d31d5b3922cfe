"""Requests that schemathesis makes up from our description: no fault, and every answer as described."""

from __future__ import annotations

from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.http.caller import Office, read
from tests.http.described import EVERYTHING

CHECKS = (not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance)
EXAMPLES = 4
"""For each operation; the descriptions of the others are asked in ``test_description``."""


@pytest.fixture(scope="module")
def office(shared_office: Office) -> Office:
    return shared_office


def test_made_up_requests_are_answered_as_described(office: Office) -> None:
    token = office.caller(EVERYTHING).token
    document = read(office.nobody().get("/openapi.json"))
    document.pop("webhooks", None)
    schema = schemathesis.openapi.from_dict(document)
    schema.app = office.app
    asked = 0
    for result in schema.get_all_operations():
        operation = result.ok()
        if operation.path.endswith(("/jobs/activate", "/bundle")):  # waits; and answers with a zip
            continue

        @settings(max_examples=EXAMPLES, deadline=None, database=None, phases=[Phase.generate], derandomize=True,
                  suppress_health_check=list(HealthCheck))
        def ask(case: Any) -> None:
            nonlocal asked
            asked += 1
            case.call_and_validate(headers={"Authorization": f"Bearer {token}"}, checks=CHECKS)

        given(case=operation.as_strategy())(ask)()
    assert asked >= 100

"""Files of a deployment are found by the end of their path; of several that end alike, the nearest."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from engine.store import definitions
from engine.store.database import Database

FILES = ("bpmn/a/documents/notice.docx", "bpmn/b/documents/notice.docx", "bpmn/b/documents/first_notice.docx")


@pytest.mark.parametrize(("name", "beside", "found"), [
    ("notice.docx", "bpmn/b/b.bpmn", FILES[1]), ("notice.docx", "bpmn/a/a.bpmn", FILES[0]),
    ("notice.docx", "", FILES[0]), ("first_notice.docx", "bpmn/a/a.bpmn", FILES[2]),
    (FILES[1], "bpmn/a/a.bpmn", FILES[1]),
    ("no.docx", "bpmn/a/a.bpmn", None)])
def test_of_files_with_one_name_the_nearest(database: Database, name: str, beside: str, found: str | None) -> None:
    row = {"id": "d", "deployed_at": datetime(2026, 3, 2, tzinfo=UTC), "deployed_by": "designer", "content_hash": "0"}
    files = [{"deployment_id": "d", "name": path, "kind": "template", "resource_key": path, "content": path.encode()}
             for path in FILES]
    with database.writing() as connection:
        definitions.insert_deployment(connection, row, files)
        content = definitions.resource_named(connection, "d", name, beside)
    assert content == (found.encode() if found else None)

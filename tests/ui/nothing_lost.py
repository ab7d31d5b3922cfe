"""A small office with one procedure that has forms, over the real services: what people type into it is not lost."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from engine.app import create_app
from engine.config import Settings
from engine.domain.actors import SHELL, SYSTEM
from engine.domain.commands import AddUser, task_key
from engine.store import schema as s
from tests.support.bpmn import assign, boundary, chain, end, form, process, properties, start, timer, user
from tests.support.house import House, hashed
from tests.ui.test_administration import PASSWORD, Desk

HASHED = hashed(PASSWORD)
PEOPLE = {"anna": "examiner", "bela": "examiner", "boss": "supervisor", "clerk": "intake", "firm": "applicant",
          "stranger": "applicant"}
START = {"type": "default", "id": "ask", "schemaVersion": 19, "components": [
    {"type": "textfield", "id": "F1", "key": "title", "label": "名称", "validate": {"required": True, "maxLength": 60}},
    {"type": "number", "id": "F2", "key": "count", "label": "件数"},
    {"type": "datetime", "id": "F3", "key": "day", "subtype": "date", "dateLabel": "日期"},
    {"type": "filepicker", "id": "F4", "key": "papers", "label": "材料", "multiple": True}]}
REVIEW = {"type": "default", "id": "review", "schemaVersion": 19, "components": [
    {"type": "radio", "id": "F1", "key": "outcome", "label": "结论", "values": [
        {"label": "合格", "value": "good"}, {"label": "不合格", "value": "bad"}]},
    {"type": "textarea", "id": "F2", "key": "opinion", "label": "意见", "validate": {"required": True}}]}
MODEL = process("p", start("s", properties(role="applicant, intake"), form("ask")),
                user("A", assign(groups="examiner"), form("review"), name="审查"),
                boundary("late", "A", timer("P10D")), user("B", assign(groups="intake"), name="归档"),
                end("e"), end("f"), chain("s", "A", "e"), chain("late", "B", "f"), name="示例事项")


class Office:
    def __init__(self, url: str, folder: Path) -> None:
        wanted: dict[str, Any] = {"two_persons": False, "second_factor": False, "secret_key": "only for tests"}
        self.house = House(url, folder, **wanted)
        for name, role in PEOPLE.items():
            self.house.run(AddUser(name, f"某{name}", (role,), HASHED), SHELL)
        self.house.deploy(MODEL, ("ask.form", _form(START)), ("review.form", _form(REVIEW)), actor=SYSTEM)
        self.app = create_app(Settings(database_url=url, folder=folder, secure_cookies=False, **wanted),
                              self.house.kapok)

    def begin(self, title: str = "一种装置") -> str:
        """The key of the open task of a new case."""
        case = self.house.start("p", {"title": title})
        return task_key(case, self.house.rows(s.user_task, s.user_task.c.case_id == case)[0].wait)

    def desk(self, name: str) -> Desk:
        desk = Desk(self.app.test_client())
        assert desk.sign_in(name).status_code == 302
        return desk


def _form(schema: dict[str, Any]) -> bytes:
    return json.dumps(schema).encode()


def token(client: FlaskClient, path: str) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', client.get(path).text)
    assert found
    return found[1]


def typed(answer: TestResponse) -> str:
    """What a page offers to be copied."""
    found = re.search(r'<textarea id="typed"[^>]*>(.*?)</textarea>', answer.text, re.S)
    return found[1].strip() if found else ""

"""Somebody at the screens without a browser: real HTTP, a session cookie, the forms' hidden fields.

    someone = Person(url, "applicant").sign_in()
    case = someone.start("pre_examination", {...})
    someone.complete(someone.tasks(case)["A10_Examine"], {"outcome": "defects"})
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Mapping
from typing import Any
from uuid import uuid4

import httpx

from engine.cli.demo import PASSWORD

_TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')
_TASK = re.compile(r'href="/tasks/([^"]+)"[^>]*>([^<]+)<')
_ACTION = re.compile(r'href="/cases/[^"/]+/do/([^"]+)">([^<]+)<')


class Person:
    """``answer`` is the last response."""

    def __init__(self, url: str, name: str, password: str = PASSWORD) -> None:
        self.name, self._password = name, password
        self._http = httpx.Client(base_url=url, timeout=30, trust_env=False, headers={"accept": "text/html"})
        self._token = ""

    def sign_in(self) -> Person:
        answer = self._http.get("/sign-in")
        self._token = _TOKEN.findall(answer.text)[0]
        answer = self.post("/sign-in", {"name": self.name, "password": self._password})
        assert answer.status_code == 302, answer.text
        self._token = _TOKEN.findall(self.get("/").text)[0]
        return self

    def get(self, path: str) -> httpx.Response:
        return self._http.get(path)

    def post(self, path: str, fields: Mapping[str, str], files: Any = None) -> httpx.Response:
        return self._http.post(path, data={"csrf_token": self._token, **fields}, files=files)

    def send(self, path: str, values: Any, key: str | None = None) -> httpx.Response:
        """A form's values as its page sends them; ``key``: the idempotency key the page carried."""
        text = values if isinstance(values, str) else json.dumps(values)
        return self.post(path, {"values": text, "key": key or uuid4().hex})

    def upload(self, name: str, content: bytes, media: str = "application/pdf") -> httpx.Response:
        return self.post("/files", {}, {"file": (name, content, media)})

    def start(self, process: str, values: Mapping[str, Any], key: str | None = None) -> str:
        """A new case; its id."""
        answer = self.send(f"/start/{process}", values, key)
        assert answer.status_code == 302, (answer.status_code, said(answer))
        return re.findall("/cases/([^/?]+)", answer.headers["location"])[0]

    def complete(self, task: str, values: Mapping[str, Any], key: str | None = None) -> httpx.Response:
        return self.send(f"/tasks/{task}/complete", values, key)

    def tasks(self, case: str) -> dict[str, str]:
        """Open tasks of a case that this person sees: name → key."""
        return {html.unescape(name).partition("：")[2] or html.unescape(name): key
                for key, name in _TASK.findall(self.get(f"/cases/{case}").text)}

    def actions(self, case: str) -> dict[str, str]:
        """What else the case offers this person: name → code."""
        return {html.unescape(name): code for code, name in _ACTION.findall(self.get(f"/cases/{case}").text)}


def said(answer: httpx.Response) -> str:
    """The words of a page, without its markup; of a problem document, its detail."""
    if "json" in answer.headers.get("content-type", ""):
        return answer.text
    main = re.sub(r"(?s)^.*<main", "<main", answer.text)
    problems = re.findall(r'data-problems="([^"]*)"', main)
    words = re.sub(r"(?s)<(script|style).*?</\1>|<[^>]+>", " ", main)
    return " ".join(html.unescape(" ".join([*problems, words])).split())

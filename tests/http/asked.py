"""Requests to the API, and what they need to find in the house."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.http.caller import Office

EVERYTHING = "intake+examiner+supervisor+worker+admin+deployer"


@dataclass(frozen=True)
class Request:
    """Path below the prefix, and the body of a POST or the query of a GET."""

    path: str
    sent: Mapping[str, Any] = field(default_factory=dict)


def started(office: Office, process: str, **variables: Any) -> str:
    return office.house.start(process, variables)


def task(office: Office) -> str:
    return office.house.task(started(office, "errand"), "look")


def claimed(office: Office) -> str:
    key = task(office)
    assert office.caller(EVERYTHING).post(f"/user-tasks/{key}/claim").status_code == 200
    return key


def on(noun: str, verb: str, key: Callable[[Office], str], **sent: Any) -> Callable[[Office], Request]:
    return lambda office: Request(f"/{noun}/{key(office)}{verb}", sent)


def plain(path: str, **sent: Any) -> Callable[[Office], Request]:
    return lambda office: Request(path, sent)


def a_case(office: Office) -> str:
    return started(office, "parcel")

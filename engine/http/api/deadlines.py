"""``/deadlines``: running legal and service periods, the next first."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.http.api import pages
from engine.http.api.access import actor, services
from engine.http.api.answers import Deadline
from engine.http.api.operations import Noun

READ = "cases:read"

noun = Noun("deadlines", "Deadlines with their computation.")


@noun.get("", pages.list_of(Deadline), READ, query=pages.Numbered)
def search(query: Mapping[str, Any]) -> Mapping[str, Any]:
    """Running deadlines of the cases you may see."""
    return pages.numbered(services().queries.deadlines(actor(), pages.number(query)))


@noun.get("/<key>", Deadline, READ)
def get(_: Mapping[str, Any], key: str) -> Any:
    """One deadline, running or ended."""
    return services().queries.deadline(actor(), key)

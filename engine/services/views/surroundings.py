"""Who and what stands round a case: who works on it, whom it is about, linked cases, the units it may be given to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.domain.actors import Actor
from engine.domain.permissions import Sight, may, needs_names
from engine.services.views.models import LinkRow
from engine.store import cases, organisation, queries, recusals
from engine.store.database import Connection


def workers(connection: Connection, row: Any) -> list[tuple[str, str]]:
    """(id, name) of who works on a case, for asking that they be recused."""
    found = sorted({*recusals.workers_of(connection, row.id), *([row.owner] if row.owner else [])})
    return list(queries.user_names(connection, found).items())


def units(connection: Connection, actor: Actor) -> list[tuple[str, str]]:
    """(id, name) of the units that a case may be given to."""
    return [(row.id, row.name) for row in organisation.all_units(connection)] if may(actor, "case.link") else []


def people(connection: Connection, actor: Actor, case_id: str, sight: Sight) -> tuple[tuple[str, str], ...]:
    """(capacity, name) of those whom the case is about, for those who work on it."""
    named = sight is not Sight.PARTY and needs_names(actor)
    return tuple(recusals.parties_of(connection, case_id)) if named else ()


def facts(connection: Connection, case_id: str) -> tuple[tuple[Mapping[str, str], str], ...]:
    """By which numbers others know the case, and of the message that opened it the number it came under."""
    found = [(_NUMBERS[name], value) for name, value in cases.keys_of(connection, case_id) if name in _NUMBERS]
    came = [(_SOURCE, value.partition("#")[0]) for _, value in cases.started_by(connection, case_id)]
    return (*came, *found)


_SOURCE = {"zh": "来源", "en": "Source"}
_NUMBERS: Mapping[str, Mapping[str, str]] = {
    "patent_no": {"zh": "专利", "en": "Patent"}, "application_no": {"zh": "申请号", "en": "Application"},
    "case_no_cnipa": {"zh": "国知局案号", "en": "CNIPA case"}, "prior_case_no": {"zh": "前案", "en": "Earlier case"},
    "court_case_no": {"zh": "法院案号", "en": "Court case"}}


def links(connection: Connection, actor: Actor, case_id: str) -> tuple[LinkRow, ...]:
    """Linked cases that the actor sees too."""
    linked = recusals.links_of(connection, case_id)
    seen = queries.seen_among(connection, actor, [row.id for row in linked])
    return tuple(LinkRow(row.case_no or row.id, row.reason) for row in linked if row.id in seen)

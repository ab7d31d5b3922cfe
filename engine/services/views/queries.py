"""The queries of the screens and of the API, wired by ``app``."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import fields, replace
from datetime import date
from types import MappingProxyType
from typing import Any, TypeVar, cast

from engine.clock import Clock, local_date
from engine.definition.model import Definition, Element
from engine.domain import forms, masking
from engine.domain.actors import Actor
from engine.domain.commands import split_key, task_key
from engine.domain.permissions import PARTIES, Sight, is_staff, may, may_open, needs_names
from engine.domain.wait_numbers import deadline_of
from engine.errors import NotFound
from engine.services.cases import is_offered
from engine.services.context import Parts
from engine.services.legal_time import expiry
from engine.services.people import colleagues, seats
from engine.services.views import diagrams, drafts, inbox, passed, rearranging, redaction, surroundings, tasks, worded
from engine.services.views.actions import actions, answers
from engine.services.views.deadlines import deadline_row
from engine.services.views.exchanged import messages
from engine.services.views.models import (
    CaseRowView,
    CaseView,
    CommentRow,
    DeadlineRow,
    DocumentRow,
    FilterRow,
    HistoryRow,
    IncidentRow,
    Page,
    StartView,
    TaskRow,
    TaskView,
)
from engine.services.views.task_rows import TaskRows
from engine.services.views.witness import Witness, note
from engine.store import definitions, hearings, listings, papers, queries, saved_filters, search, worklist
from engine.store.database import Connection, Database

PAGE, LINES = 50, 200
T = TypeVar("T")
_MOST = 1_000
_MOST_SHARED = 30


class Views:
    """``language`` tells in which language computed texts are wanted (``zh`` or ``en``); ``witness`` is told of each
    look that somebody takes for whom the glass was broken."""

    def __init__(self, database: Database, clock: Clock, parts: Parts, language: Callable[[], str],
                 witness: Witness = lambda actor, action, detail: None) -> None:
        self._database = database
        self._clock = clock
        self._parts = parts
        self._language = language
        self._witness = witness

    def _look(self, actor: Actor, what: str, key: str = "") -> None:
        if actor.opened:
            self._witness(actor, "BreakGlass", {"read": what, "key": key[:64], "opened": sorted(actor.opened)})

    def _words(self, connection: Connection) -> Mapping[str, str]:
        """What models say, in the reader's language: nothing to look up in the one they are written in."""
        return self._parts.definitions.words.english(connection) if self._language() == "en" else {}

    def _said(self, connection: Connection, view: T) -> T:
        known = self._words(connection)
        return cast(T, worded.english(view, known)) if known else view

    # --- lists ------------------------------------------------------------------------------------------------------
    def inbox(self, actor: Actor, filters: Mapping[str, str], page: int) -> Page:
        """Tasks of a view (``mine``, ``all``, ``done``), narrowed by ``lamp``, ``q``, ``group``, ``process``, ``free``,
        ``follow``, ``urgent``."""
        now = self._clock.now()
        self._look(actor, "tasks")
        with self._database.reading() as connection:
            self._parts.almanac.tables(connection)
            return inbox.page_of_tasks(connection, actor, filters, page, now, self._parts.almanac.known[1],
                                       lambda rows: self._said(connection, self._rows.of(connection, actor, rows)))

    def todo(self, actor: Actor) -> int:
        """How many tasks wait for the actor and the actor's groups."""
        with self._database.reading() as connection:
            return worklist.counts(connection, actor, self._clock.now(), "mine")["mine"]

    def filters(self, actor: Actor) -> tuple[FilterRow, ...]:
        """The filters of the inbox that the actor keeps, then those that colleagues share with a role of the actor."""
        with self._database.reading() as connection:
            own = saved_filters.of_user(connection, actor.id)
            shared = saved_filters.shared_with(connection, actor.id, actor.roles - PARTIES, _MOST_SHARED)
        return (*(FilterRow(row.id, row.name, row.filters, row.role) for row in own),
                *(FilterRow(row.id, row.name, row.filters, row.role, row.by_name) for row in shared))

    def processes(self, actor: Actor) -> tuple[tuple[str, str], ...]:
        """(id, name) of the procedures, for narrowing a list down."""
        if not is_staff(actor):
            return ()
        with self._database.reading() as connection:
            known = self._words(connection)
            return tuple((row.process_id, known.get(row.name, row.name)) for row in definitions.all_newest(connection))

    def cases(self, actor: Actor, text: str, page: int, filters: Mapping[str, str] = MappingProxyType({})) -> Page:
        """Cases found by a number or a text and by ``stage``, ``process``, ``state``, ``overdue``, newest first."""
        self._look(actor, "cases")
        with self._database.reading() as connection:
            ids = inbox.found_cases(connection, actor, {**filters, "q": text}, self._clock.now())
            pages = max(1, -(-len(ids) // PAGE))
            page = min(page, pages)
            items = self.case_rows(connection, actor, ids[(page - 1) * PAGE:page * PAGE])
        return Page(items, len(ids), page, pages, {})

    def case_rows(self, connection: Connection, actor: Actor, ids: Sequence[str]) -> list[CaseRowView]:
        """Cases that were found for the actor, in that order; who does not work on cases sees masked names."""
        rows = search.rows(connection, ids)
        deadlines = self._rows.next_deadlines(connection, actor, [row.id for row in rows])
        items = self._said(connection, [self._case_row(connection, row, deadlines.get(row.id)) for row in rows])
        if needs_names(actor):
            return items
        return [replace(item, parties=masking.parties(item.parties)) for item in items]

    def deadlines(self, actor: Actor, page: int) -> Page:
        """Running deadlines of the actor's cases, the next first."""
        self._look(actor, "deadlines")
        with self._database.reading() as connection:
            self._parts.almanac.tables(connection)
            rows = queries.all_deadlines(connection, actor, _MOST)
        return _page([self._deadline(row) for row in rows], page, {})

    def startable(self, actor: Actor) -> tuple[StartView, ...]:
        if not may(actor, "case.start"):
            return ()
        with self._database.reading() as connection:
            rows = [row for row in definitions.all_newest(connection) if row.startable]
            return self._said(connection, tuple(
                view for row in rows if (view := self._start(connection, row, actor)) is not None))

    def _start(self, connection: Connection, row: Any, actor: Actor) -> StartView | None:
        definition = self._parts.definitions.get(connection, row.key)
        if not is_offered(definition.root, actor):
            return None
        return StartView(row.process_id, row.name, tasks.spoken(definition.root.documentation), row.version,
                         definition.forms.get(row.start_form or ""))

    def beside_start(self, schema: Mapping[str, Any]) -> dict[str, Any]:
        """The lists that a start form offers beside its fields."""
        with self._database.reading() as connection:
            return colleagues.offered(connection, schema)

    # --- one task ---------------------------------------------------------------------------------------------------
    def task(self, actor: Actor, key: str) -> TaskView:
        self._look(actor, "task", key)
        parts = split_key(key)
        with self._database.reading() as connection:
            row = queries.task(connection, actor, *parts) if parts is not None else None
            if row is not None and not self._is_open_to(connection, actor, row):
                row = None
            view = self._said(connection, self._task_view(connection, actor, row)) if row is not None else None
        note(self._witness, actor, "ViewTask", key, row)
        if view is None:
            raise NotFound(noun="user task", key=key)
        return view

    def _task_view(self, connection: Connection, actor: Actor, row: Any) -> TaskView:
        definition = self._parts.definitions.get(connection, row.definition_key)
        element = definition.processes[row.process].elements.get(row.element)
        expired = self._expired(connection, actor, row)
        schema = definition.forms.get(row.form_id or "") if expired is None else expiry.FORM
        shown = self._rows.of(connection, actor, [row])[0]
        begun = queries.draft(connection, actor, row.case_id, row.wait)
        draft = drafts.draft(connection, actor, begun) if begun is not None else None
        values = self._form_values(connection, row, schema) if schema is not None else {}
        case = queries.case(connection, actor, row.case_id)
        sight = redaction.sight_of(case) if case is not None else Sight.PARTY
        history = queries.history_of(connection, row.case_id)
        return TaskView(
            **{field.name: getattr(shown, field.name) for field in fields(TaskRow)},
            description=tasks.spoken(element.documentation) if element is not None else "", expired=expired,
            legal_basis=tasks.law_notes(element, self._language()),
            next=tasks.what_next(definition, row.process, row.element),
            schema=schema, values={**values, **(draft.values if draft is not None else {})},
            draft_at=draft.saved_at if draft is not None else None,
            lost=draft.lost if draft is not None else (), may_release=shown.mine and _was_claimed(element),
            documents=self._documents(connection, actor, row.case_id), level=row.level,
            comments=_comments(redaction.entries(history, sight, actor, definition)), passed=self._passed(
                connection, actor, passed.passed_of(connection, row.case_id), [row.instance] * _is_partys(actor)),
            diagram=None if sight is Sight.PARTY else diagrams.diagram(
                connection, self._parts.definitions, definition, row.case_id, history,
                queries.incidents_of(connection, row.case_id), row.process))

    def _is_open_to(self, connection: Connection, actor: Actor, row: Any) -> bool:
        element = self._parts.definitions.get(connection, row.definition_key).processes[row.process].elements.get(
            row.element)
        return element is None or may_open(actor, element.properties.get("closed"))

    def _expired(self, connection: Connection, actor: Actor, row: Any) -> DeadlineRow | None:
        """The deadline whose expiry a task confirms; None for a task of the diagram."""
        wait = deadline_of(row.wait)
        found = queries.deadline(connection, actor, row.case_id, wait) if wait is not None else None
        return self._deadline(found) if found is not None else None

    def _form_values(self, connection: Connection, row: Any, schema: Mapping[str, Any]) -> dict[str, Any]:
        """The variables that the form shows, as the task's scope sees them."""
        if row.state != "open" or row.form_id == expiry.FORM_ID:
            return {}
        variables = self._rows.instance(connection, row.case_id, row.definition_key).variables_of(row.instance)
        wanted = forms.names(schema)
        return {**{name: value for name, value in variables.items() if name in wanted},
                **colleagues.offered(connection, schema)}

    # --- one case ---------------------------------------------------------------------------------------------------
    def case(self, actor: Actor, key: str, lines: int = LINES) -> CaseView:
        """``lines``: of its timeline, the newest first."""
        self._look(actor, "case", key)
        with self._database.reading() as connection:
            row = queries.case(connection, actor, key)
            view = self._said(connection, self._case_view(connection, actor, row, lines)) if row is not None else None
        note(self._witness, actor, "ViewCase", key, row)
        if view is None:
            raise NotFound(noun="case", key=key)
        return view

    def beside_form(self, actor: Actor, key: str, instance: int, schema: Mapping[str, Any]) -> dict[str, Any]:
        """What the form of an action shows of the case beside its fields: lists of options, texts."""
        wanted = forms.beside(schema)
        with self._database.reading() as connection:
            row = queries.case(connection, actor, key) if wanted else None
            if row is None:
                return {}
            seen = self._rows.instance(connection, row.id, row.definition_key).variables_of(instance)
            people = colleagues.offered(connection, schema)
        return {**{name: value for name, value in seen.items() if name in wanted}, **people}

    def history(self, actor: Actor, key: str, after: int, limit: int) -> list[redaction.Entry]:
        """What has happened in a case, oldest first, as far as the actor is told of it."""
        self._look(actor, "history", key)
        with self._database.reading() as connection:
            row = queries.case(connection, actor, key)
            told = self._entries(connection, actor, row, after, limit) if row is not None else None
        note(self._witness, actor, "ViewHistory", key, row)
        if told is None:
            raise NotFound(noun="case", key=key)
        return told

    def _entries(self, connection: Connection, actor: Actor, row: Any, after: int, limit: int) -> list[redaction.Entry]:
        definition = self._parts.definitions.get(connection, row.definition_key)
        sight = redaction.sight_of(row)
        kinds = redaction.PARTY_SEES if sight is Sight.PARTY else None
        return redaction.entries(listings.history(connection, row.id, after, limit, kinds), sight, actor, definition)

    def _case_view(self, connection: Connection, actor: Actor, row: Any, lines: int) -> CaseView:
        definition = self._parts.definitions.get(connection, row.definition_key)
        stored = definitions.get(connection, row.definition_key)
        sight = redaction.sight_of(row)
        history = queries.history_of(connection, row.id)
        told = redaction.entries(history, sight, actor, definition)
        incidents = queries.incidents_of(connection, row.id) if sight is not Sight.PARTY else ()
        names = queries.user_names(connection, [name for name in (row.applicant, row.owner) if name])
        tasks_now = queries.tasks_of(connection, actor, row.id)
        over = passed.passed_of(connection, row.id)
        waiting, late = passed.without(queries.subscriptions_of(connection, row.id), over)
        ended = definition.root.elements.get(row.ended_element or "")
        held = seats.capacities(connection, row, actor)
        tasks_shown = tuple(self._rows.of(connection, actor, tasks_now))
        documents = self._served(connection, actor, self._documents(connection, actor, row.id), row.id)
        people = surroundings.people(connection, actor, row.id, sight)
        units = surroundings.units(connection, actor)
        contents = rearranging.Contents(units, documents, people, tasks_shown)
        return CaseView(
            id=row.id, case_no=row.case_no, title=row.title, process_name=definition.root.name,
            version=stored.version if stored is not None else 0, state=row.state, stage=row.stage, parties=row.parties,
            level=row.level, kind=row.kind, applicant_name=names.get(row.applicant or "", ""),
            owner_name=names.get(row.owner or "", "") if sight is not Sight.PARTY else "",
            started_at=row.started_at, ended_at=row.ended_at,
            result=ended.name if ended is not None else "", facts=surroundings.facts(connection, row.id),
            hearings=tuple(hearings.seen(connection, actor, case_id=row.id)),
            links=surroundings.links(connection, actor, row.id),
            stages=diagrams.stages(definition, row.stage, row.state == "completed"),
            tasks=tasks_shown,
            deadlines=tuple(self._deadline(item) for item in queries.deadlines_of(connection, actor, [row.id])),
            documents=documents,
            messages=messages(connection, row.id) if sight is not Sight.PARTY else (),
            history=tuple(_history(item, definition) for item in told[:lines] if item.kind not in _QUIET),
            history_total=len(told), comments=_comments(told), whole=sight is Sight.WHOLE,
            people=people, unit_name=dict(units).get(row.unit or "", ""),
            may_invite=sight is not Sight.PARTY and may(actor, "party.invite"),
            may_serve=sight is not Sight.PARTY and may(actor, "document.serve"),
            actions=actions(row, actor, definition, waiting, surroundings.workers(connection, row), contents,
                            held),
            passed=self._passed(connection, actor, over, [
                *answers(row, actor, definition, late, held),
                *(task.instance for task in tasks_now if _is_partys(actor))]),
            incidents=tuple(IncidentRow(
                task_key(item.case_id, item.incident), _called(definition, item), item.code, item.message,
                item.raised_at, may(actor, "incident.resolve")) for item in incidents),
            diagram=None if sight is Sight.PARTY else diagrams.diagram(  # of a party: the stages
                connection, self._parts.definitions, definition, row.id, history, incidents))

    def deadline(self, actor: Actor, key: str) -> DeadlineRow:
        self._look(actor, "deadline", key)
        parts = split_key(key)
        with self._database.reading() as connection:
            row = queries.deadline(connection, actor, *parts) if parts is not None else None
        if row is None:
            raise NotFound(noun="deadline", key=key)
        return self._deadline(row)

    # --- parts ------------------------------------------------------------------------------------------------------
    @property
    def _rows(self) -> TaskRows:
        return TaskRows(self._database, self._parts, self._clock.now(), self._language())

    def _deadline(self, row: Any) -> DeadlineRow:
        return deadline_row(row, local_date(self._clock.now()), self._parts.almanac.known[1], self._language())

    def _passed(self, connection: Connection, actor: Actor, over: Mapping[int, Any],
                instances: Iterable[int]) -> tuple[passed.PassedView, ...]:
        """The periods that have ended for what the actor could have done there, each once."""
        found = {over[one].wait: over[one] for one in instances if one in over}
        shown = [(row, queries.deadline(connection, actor, row.case_id, row.wait)) for row in found.values()]
        return tuple(passed.PassedView(self._deadline(seen), passed.restoration(
            connection, self._parts, row, self._language())) for row, seen in shown if seen is not None)

    def _documents(self, connection: Connection, actor: Actor, case_id: str) -> tuple[DocumentRow, ...]:
        return tuple(DocumentRow(
            title=row.title, name=row.name, number=row.number, category=row.category,
            source=row.issuing_authority or row.added_by_name or row.added_by, added_at=row.added_at, sha256=row.sha256,
            size=row.size or 0, media=row.media or "", key=row.id,
            sealed=row.paper is not None and row.category == "document")
            for row in queries.documents_of(connection, actor, case_id) if row.category != "draft")

    def _served(self, connection: Connection, actor: Actor, found: Sequence[DocumentRow],
                case_id: str) -> tuple[DocumentRow, ...]:
        """Documents with how they were served."""
        sent: dict[str, list[tuple[str, str, date | None]]] = {}
        for row in papers.deliveries(connection, actor, case_id):
            sent.setdefault(row.document, []).append((row.recipient, row.state, row.legal_on))
        return tuple(replace(row, deliveries=tuple(sent.get(row.key, ()))) for row in found)

    def _case_row(self, connection: Connection, row: Any, deadline: DeadlineRow | None) -> CaseRowView:
        definition = self._parts.definitions.get(connection, row.definition_key)
        return CaseRowView(row.id, row.case_no, row.title, definition.root.name, row.state, row.parties, row.stage,
                           row.updated_at, row.started_at, deadline)


def _is_partys(actor: Actor) -> bool:
    return not PARTIES.isdisjoint(actor.roles)


_QUIET = frozenset({"variables", "activated", "comment"})


def _called(definition: Definition, incident: Any) -> str:
    """The name of the step that an incident is at; its id where it has none."""
    process = definition.processes.get(incident.process or "")
    element = process.elements.get(incident.element) if process is not None else None
    return (element.name if element is not None else "") or str(incident.element)


def _was_claimed(element: Element | None) -> bool:
    """Whether it was offered to a group, and so may go back to it; a party's task is the party's alone."""
    offered = element.user_task.candidate_groups if element is not None and element.user_task is not None else None
    return offered is not None and offered.text not in PARTIES


def _comments(told: Iterable[redaction.Entry]) -> tuple[CommentRow, ...]:
    """Notes of colleagues, newest first."""
    return tuple(CommentRow(row.at, row.actor, row.actor_name, str(row.data.get("text", "")), row.element or "")
                 for row in told if row.kind == "comment" and row.data is not None)


def _history(row: Any, definition: Definition) -> HistoryRow:
    process = definition.processes.get(row.process or "")
    element = process.elements.get(row.element or "") if process is not None else None
    data = row.data or {}
    own = data.get("name")
    named = own if element is None or isinstance(own, dict) else element.name
    params = {**data, "element": row.element or "", "type": row.type or data.get("type", ""),
              "name": named or row.element or ""}
    return HistoryRow(row.at, row.kind, params, "", row.actor_name or row.actor, row.actor)


def _page(items: Iterable[Any], page: int, counts: Mapping[str, int]) -> Page:
    found = list(items)
    pages = max(1, -(-len(found) // PAGE))
    page = min(page, pages)
    return Page(found[(page - 1) * PAGE:page * PAGE], len(found), page, pages, counts)

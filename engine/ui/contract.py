"""What the screens ask of the services, and the shape of what they are given.

Every query takes the actor first and answers only with what that actor may see; ``NotFound`` otherwise. Read models
are frozen objects with the attributes below; instants are aware UTC, legal days are dates, ``None`` stands for "not
there".

``Page``: ``items``, ``total`` (int), ``page`` (from 1), ``pages``, ``counts`` (mapping name → int, for tabs and
pills).

``TaskRow`` (inbox): ``key``, ``name``, ``element``, ``state`` (created | assigned | completed | cancelled),
``case_id``, ``case_no``, ``case_title``, ``parties``, ``stage``, ``assignee``, ``assignee_name``, ``mine`` (bool),
``may_claim``, ``may_work`` (it can be opened and completed now), ``deadline`` (DeadlineRow or None), ``created_at``,
``ended_at``.

``DeadlineRow``: ``key`` (public key), ``rule`` (``dl.…``), ``name``, ``state`` (running | paused | met | expired |
cancelled), ``event_on``, ``start_on``, ``nominal_on``, ``due_on``, ``due_at``, ``provisional``, ``workdays_left``
(negative when overdue, None when paused or ended), ``workdays_total``, ``basis``, ``local`` (a rule of the house, no
statute), ``consequence``, ``why`` (one sentence in the reader's language), ``rule_version``, ``case_id``,
``case_no``, ``case_title``.

``TaskView``: the members of TaskRow, and ``description``, ``legal_basis`` (tuple of ``LawNote``: ``source``,
``text``, ``checked``), ``next`` (one sentence or ""), ``schema`` (form-js JSON or None), ``values`` (dict: variables
of the form, overlaid by the actor's draft), ``draft_at``, ``lost`` (names of files to choose again), ``may_release``,
``documents`` (tuple of DocumentRow),
``diagram`` (DiagramView).

``DiagramView``: ``process_id``, ``version``, ``xml`` (bytes), ``now`` (mapping element id → tokens), ``done``
(element ids), ``flows`` (taken sequence flow ids or None), ``incidents`` (element ids), ``steps`` (tuple of
``StepRow``: ``element``, ``name``, ``type``, ``state`` now | done | incident, ``at``, ``who``).

``CaseView``: ``id``, ``case_no``, ``title``, ``process_name``, ``version``, ``state`` (active | suspended | completed
| cancelled), ``parties``, ``level``, ``kind``, ``applicant_name``, ``owner_name``, ``started_at``, ``ended_at``,
``result`` (name of the end event or ""), ``facts`` (tuple of (label, value)), ``links`` (tuple of ``LinkRow``:
``case_no``, ``reason``), ``stages`` (tuple of ``StageRow``: ``name``, ``state`` done | now | ahead), ``tasks`` (tuple
of TaskRow), ``deadlines``, ``documents``, ``messages``, ``history`` (newest first), ``actions``, ``incidents`` (tuple
of ``IncidentRow``: ``key``, ``element``, ``code``, ``message``, ``raised_at``, ``may_resolve``), ``diagram``,
``history_total``, ``comments``, ``people`` (pairs of capacity and name),
``passed`` (periods that have ended for what one could have done: ``deadline``, ``restore``).

``DocumentRow``: ``title``, ``name`` (file name), ``number``, ``category`` (document | evidence | attachment),
``source``, ``added_at``, ``sha256``, ``size``, ``media``.

``MessageRow``: ``direction`` (in | out), ``partner_name``, ``type``, ``name``, ``state`` (received | waiting |
processed | queued | delivered | retrying | dead | acknowledged), ``at``, ``attempts``.

``HistoryRow``: ``at``, ``code``, ``params`` (mapping), ``text`` (when the model gives one), ``actor_name``.

``ActionView`` (what else may be done with the case now): ``code``, ``name``, ``hint``, ``schema`` (form-js or None),
``danger`` (asks twice). ``command(values)`` is what it asks for.

``StartView``: ``process_id``, ``name``, ``description``, ``version``, ``schema``.

``FileView``: ``name``, ``media``, ``size``, ``open()`` (binary stream).
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import IO, Any, BinaryIO, Protocol

from engine.clock import Clock
from engine.domain.actors import Actor
from engine.domain.administration import DecideApproval
from engine.domain.commands import FileRef
from engine.errors import KapokError
from engine.ui.gate_contract import Identity, SingleSignOn


class Queries(Protocol):
    def inbox(self, actor: Actor, filters: Mapping[str, str], page: int) -> Any:
        """Page of TaskRow; filters: ``view`` mine | all | done, ``lamp``, ``q``, ``group``, ``process``, ``free``,
        ``follow``, ``urgent``; counts: mine, all, done, listed (of this view), each lamp; a list ends at 500."""

    def task(self, actor: Actor, task_id: str) -> Any: ...

    def case(self, actor: Actor, case_no: str, lines: int = ...) -> Any:
        """CaseView by number or id, with so many lines of its timeline."""

    def beside_form(self, actor: Actor, key: str, instance: int, schema: Mapping[str, Any]) -> Mapping[str, Any]:
        """What the form of an action shows of the case beside its fields."""

    def cases(self, actor: Actor, text: str, page: int, filters: Mapping[str, str] = ...) -> Any:
        """Page of CaseRow, newest first; filters: ``stage``, ``process``, ``state``, ``overdue``."""

    def todo(self, actor: Actor) -> int:
        """How many tasks wait for the actor and the actor's groups."""

    def filters(self, actor: Actor) -> Sequence[Any]:
        """The filters of the inbox that one keeps: ``key``, ``name``, ``filters``."""

    def processes(self, actor: Actor) -> Sequence[tuple[str, str]]:
        """(id, name) of the procedures that cases may belong to, for those of the house."""

    def startable(self, actor: Actor) -> Sequence[Any]: ...

    def beside_start(self, schema: Mapping[str, Any]) -> Mapping[str, Any]:
        """Lists of options that a start form offers."""

    def deadlines(self, actor: Actor, page: int) -> Any:
        """Page of DeadlineRow that are running, the next due first."""

    def deadline(self, actor: Actor, deadline_id: str) -> Any: ...


class People(Protocol):
    """Administration, see ``engine.services.views.people``."""

    def users(self, actor: Actor, text: str, page: int) -> Any: ...

    def user(self, actor: Actor, key: str) -> Any: ...

    def colleagues(self, actor: Actor) -> Sequence[tuple[str, str]]: ...

    def units(self, actor: Actor) -> Sequence[Any]: ...

    def absences(self, actor: Actor) -> Sequence[Any]: ...

    def approvals(self, actor: Actor, state: str | None, before: str | None = None, limit: int = 50) -> Sequence[Any]:
        ...

    def approval(self, actor: Actor, key: str) -> Any: ...

    def waiting(self, actor: Actor) -> int: ...


class Recusals(Protocol):
    """Who keeps away from what, see ``engine.services.views.recusals``."""

    def listed(self, actor: Actor, states: Collection[str] = (), before: str | None = None,
               limit: int = 50) -> Sequence[Any]: ...

    def get(self, actor: Actor, key: str) -> Any: ...

    def declarations(self, actor: Actor, user: str | None = None, before: str | None = None,
                     limit: int = 50) -> Sequence[Any]: ...

    def grants(self, actor: Actor, before: str | None = None, limit: int = 50) -> Sequence[Any]: ...


class Notices(Protocol):
    """``NoticeRow``: ``text``, ``case_id``, ``case_no``, ``case_title``, ``about`` (a deadline's key), ``created_at``,
    ``read``."""

    def unread(self, actor: Actor) -> int: ...

    def contact(self, actor: Actor) -> tuple[str, bool]:
        """The actor's e-mail address or "", and whether there is a secret calendar address."""

    def page(self, actor: Actor, page: int) -> Any: ...


class Handoffs(Protocol):
    """The wire, see ``engine.services.views.handoffs``."""

    def todo(self, actor: Actor) -> int: ...

    def board(self, actor: Actor) -> Any: ...

    def outbox(self, actor: Actor, show: str, page: int) -> Any: ...

    def letter(self, actor: Actor, partner: str, message_id: str) -> Any: ...

    def paper(self, actor: Actor, key: str) -> Any: ...

    def paper_file(self, actor: Actor, key: str, position: int) -> Any:
        """FileView."""

    def partners(self, actor: Actor) -> Sequence[Any]: ...

    def partner(self, actor: Actor, code: str) -> Any: ...


class DeadlinePages(Protocol):
    def explain(self, actor: Actor, key: str) -> Any:
        """``holidays`` (``name``, ``first``, ``last``), ``pauses``, ``stopped``, ``late``, ``ladder`` (``at``, ``to``,
        ``state``, ``told``), ``if_served`` (pairs of days), ``lines`` (step, article), ``strip`` (day cells: ``on``,
        ``kind``, ``holiday``, ``marks``, ``deadlines``, ``more``), ``offers`` (``may``, ``barred``: pairs)."""

    def listed(self, actor: Actor, wanted: str, page: int) -> Any:
        """Page of DeadlineRow at risk; ``wanted`` and the counts: all, overdue, three, seven, paused, provisional."""

    def month(self, actor: Actor, first: date) -> Any:
        """``first``, ``before``, ``after`` (first days of months), ``weeks`` of day cells, ``total``."""

    def feed(self, secret: str) -> bytes | None:
        """iCalendar; None when the address is nobody's."""


class AlmanacPages(Protocol):
    """Rules and calendars, see ``engine.services.views.almanac_pages``."""

    def rules(self, actor: Actor, text: str = "") -> Sequence[Any]: ...

    def rule(self, actor: Actor, key: str) -> Any: ...

    def successor(self, actor: Actor, key: str, on: date, count: int, article: str,
                  mark: str) -> tuple[Mapping[str, Any], ...]: ...

    def years(self, actor: Actor) -> Sequence[Any]: ...

    def preview(self, actor: Actor, content: str, source: str) -> Mapping[str, Any]: ...

    def preview_shift(self, actor: Actor, first: date, last: date, due_on: date,
                      keys: tuple[str, ...]) -> Mapping[str, Any]: ...


class PaperPages(Protocol):
    """Papers, evidence and service, see ``engine.services.views.papers``."""

    def room(self, actor: Actor, key: str) -> Any: ...

    def paper(self, actor: Actor, key: str, paper: str, version: str = "") -> Any: ...

    def waiting(self, actor: Actor) -> Sequence[Any]: ...

    def own(self, actor: Actor) -> tuple[Sequence[Any], Sequence[Any]]: ...

    def preview(self, actor: Actor, sha256: str) -> tuple[str, str]: ...


class HearingPages(Protocol):
    """Rooms and hearings, see ``engine.services.views.hearings``."""

    def week(self, actor: Actor, first: date | None = None) -> Any: ...

    def day(self, actor: Actor, on: date) -> Any: ...

    def ahead(self, actor: Actor) -> Sequence[Any]: ...

    def of_case(self, actor: Actor, key: str) -> Any: ...

    def calendar(self, actor: Actor, key: str, hearing: str) -> bytes: ...


class Receipts(Protocol):
    """What somebody has handed in, see ``engine.services.views.receipts``."""

    def one(self, actor: Actor, key: str, seq: int) -> Any: ...

    def listed(self, actor: Actor, key: str) -> Sequence[Any]: ...


class Participants(Protocol):
    def of_case(self, actor: Actor, key: str) -> Any:
        """Who takes part with an account, see ``engine.services.views.participants``."""


class Files(Protocol):
    def stage(self, stream: BinaryIO, name: str, media: str, actor: Actor) -> Any:
        """StagedFile: ``sha256``, ``size``, ``name``."""


class Archive(Protocol):
    def file(self, actor: Actor, sha256: str) -> Any:
        """FileView; the view of a confidential file is on record, and of an unpublished one stamped."""

    def bundle(self, actor: Actor, key: str, out: IO[bytes]) -> str:
        """Writes the evidence bundle of a case; the digest of its manifest."""

    def trail(self, actor: Actor, out: IO[bytes]) -> str: ...

    def trail_view(self, actor: Actor, filters: Mapping[str, str], page: int) -> Any:
        """``anchor``, ``stamp``, ``check`` (or None), ``page`` of entries; for auditors alone."""


class Exports(Protocol):
    def cases(self, actor: Actor, text: str, filters: Mapping[str, str]) -> Any:
        """``count``, ``withheld``, ``more``, ``rows`` (CaseRow, read as they are asked for); by right, on record."""


class Settings(Protocol):
    @property
    def demo(self) -> bool: ...

    @property
    def demo_accounts(self) -> Sequence[Any]:
        """Objects with ``name``, ``password``, ``title``."""

    @property
    def two_persons(self) -> bool: ...

    @property
    def password_length(self) -> int: ...

    @property
    def oidc_issuer(self) -> str: ...

    @property
    def max_upload(self) -> int:
        """Bytes."""

    @property
    def authority_name(self) -> str:
        """Whose installation this is, as people call it."""


class Standing(Protocol):
    def of(self, actor: Actor, key: str) -> KapokError | None:
        """Why one could do nothing with a task now; None: nothing is in the way."""


class Mentions(Protocol):
    def of(self, actor: Actor, case: str, text: str) -> Sequence[Any]:
        """``mention``, ``id``, ``name`` of colleagues who see a case."""


class StartDrafts(Protocol):
    """Start forms one has begun, see ``engine.services.views.drafts``."""

    def listed(self, actor: Actor) -> Mapping[str, datetime]: ...

    def get(self, actor: Actor, process_id: str) -> Any: ...


class Services(Protocol):
    @property
    def queries(self) -> Queries: ...

    @property
    def identity(self) -> Identity: ...

    @property
    def people(self) -> People: ...

    @property
    def recusals(self) -> Recusals: ...

    @property
    def notices(self) -> Notices: ...

    @property
    def handoffs(self) -> Handoffs: ...

    @property
    def deadline_pages(self) -> DeadlinePages: ...

    @property
    def almanac_pages(self) -> AlmanacPages: ...

    @property
    def papers(self) -> PaperPages: ...

    @property
    def hearings(self) -> HearingPages: ...

    @property
    def receipts(self) -> Receipts: ...

    @property
    def participants(self) -> Participants: ...

    @property
    def single_sign_on(self) -> SingleSignOn | None: ...

    @property
    def files(self) -> Files: ...

    @property
    def archive(self) -> Archive: ...

    @property
    def mentions(self) -> Mentions: ...

    @property
    def standing(self) -> Standing: ...

    @property
    def start_drafts(self) -> StartDrafts: ...

    @property
    def exports(self) -> Exports: ...

    @property
    def clock(self) -> Clock: ...

    @property
    def settings(self) -> Settings: ...

    def refused(self, actor: Actor, action: str, detail: Mapping[str, Any]) -> None:
        """Into the audit trail: what somebody tried here and was refused before it became a command."""

    def run(self, command: object, actor: Actor, idempotency_key: str | None = None) -> Mapping[str, Any]:
        """One command, one transaction; the outcome names the ``case_id`` where one was started."""

    def decide(self, decision: DecideApproval, actor: Actor, idempotency_key: str | None = None) -> Mapping[str, Any]:
        """Decides on a request for a second person, as the API does."""

    def act(
        self, case: Any, action: Any, values: Mapping[str, Any], files: Sequence[FileRef], actor: Actor,
        idempotency_key: str | None = None,
    ) -> Mapping[str, Any]:
        """Carries out one of ``case.actions`` with the values of its form."""

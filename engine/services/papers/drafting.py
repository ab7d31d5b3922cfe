"""A paper from its first draft to its number and seal (states: ``engine.domain.papers``)."""

from __future__ import annotations

from typing import Any

from engine.domain.actors import actor_of
from engine.domain.commands import PublishMessage
from engine.domain.paper_commands import (
    ApprovePaper,
    DraftPaper,
    IssuePaper,
    ReturnPaper,
    SubmitPaper,
    WithdrawPaper,
    WritePaper,
)
from engine.domain.papers import DAY_MARK, MOVES, NUMBER_MARK
from engine.domain.permissions import RIGHTS, may_open
from engine.domain.recusal import normal
from engine.errors import Conflict, InvalidInput, Phrase, Rejection
from engine.services import messages, steps, trail
from engine.services.context import Context, Outcome
from engine.services.inputs import required
from engine.services.legal_time import notices
from engine.services.papers.letters import DOCX, day_text, filled, opened, render
from engine.services.papers.rooms import case_for, file_document, own_file, paper_in
from engine.store import escalations, organisation, records, sights, users
from engine.store import papers as rows
from engine.store.cases import CaseRow, sees

LONGEST_SERIES = 40
"""So that a number fits its column on PostgreSQL."""


class OwnPaper(Rejection):
    """Expected someone other than {by}, who wrote version {version}, to approve '{title}'."""

    code = "own_paper"


class NotTheVersion(Rejection):
    """Expected the newest version of '{title}' to be approved, but another has been written since."""

    code = "not_the_version"


_ADJUDICATIONS = ("行政裁决书", "处理决定书", "无效宣告请求审查决定书")


def require_competent(title: str, authority: str, own_name: str, where: str) -> None:
    """The centre decides neither validity nor infringement: an adjudication in its own name is refused, however either
    is written out."""
    adjudicates = any(kind in normal(title) for kind in _ADJUDICATIONS)
    if adjudicates and normal(own_name) in normal(authority):
        raise InvalidInput(expected="the competent authority as issuing authority", found=authority, where=where)


# --- writing ----------------------------------------------------------------------------------------------------------
def draft(context: Context, command: DraftPaper) -> Outcome:
    """Answers ``{"paper", "document", "state"}``."""
    case = case_for(context, command.case_id, "paper.write")
    title, series = required(command.title, "title", 100), command.series.strip()
    if series:
        required(series, "series", LONGEST_SERIES)
    _, instance = steps.load(context, case)
    authority = context.parts.authority
    begun = begin(context, case, dict(instance.variables), title=title, template=command.template,
                  series=series or authority.series, issuing_authority=authority.name,
                  handled_by=context.actor.name, internal=command.internal, closed_to=None, element=None)
    _note(context, case, "drafted", begun["paper"], title, 1)
    return begun


def begin(context: Context, case: CaseRow, variables: dict[str, Any], *, template: str, **paper: Any) -> Outcome:
    """The first version, filled with case data; the number and the day stay open."""
    require_competent(paper["title"], paper["issuing_authority"], context.parts.authority.name, "title")
    content = render(
        context.parts.definitions.template(context.connection, case.definition_key, template),
        {**variables, "case_no": case.case_no or "", "doc_number": NUMBER_MARK, "title_of_document": paper["title"],
         "issuing_authority": paper["issuing_authority"], "handled_by": paper["handled_by"],
         "issued_on": DAY_MARK, "issued_on_text": DAY_MARK}, template)
    key = context.new_id()
    document = _version(context, case, key, paper, 1, _stored(context, content, paper["title"]))
    rows.insert(context.connection, {
        "case_id": case.id, "id": key, **paper, "state": "draft", "version": 1, "document": document,
        "written_by": context.actor.id, "approved_by": None, "reason": None, "changed_at": context.now})
    return {"case_id": case.id, "paper": key, "document": document, "state": "draft"}


def write(context: Context, command: WritePaper) -> Outcome:
    """A new version; what was approved before is so no more."""
    case = case_for(context, command.case_id, "paper.write")
    paper = paper_in(context, case, command.paper)
    state = _next(paper, "write")
    known = own_file(context, command.file)
    if known.media != DOCX:
        raise InvalidInput(expected="a DOCX document", found=known.media, where=command.file.name)
    opened(context.parts.files.read(command.file.sha256), command.file.name)
    version = paper.version + 1
    document = _version(context, case, paper.id, paper._mapping, version, command.file.sha256)
    rows.update(context.connection, case.id, paper.id, state=state, version=version, document=document,
                written_by=context.actor.id, approved_by=None, changed_at=context.now)
    _note(context, case, "written", paper.id, paper.title, version)
    return _answer(case, paper, state)


def submit(context: Context, command: SubmitPaper) -> Outcome:
    """Whoever may approve it, sees the case whole and has not written it is told."""
    case = case_for(context, command.case_id, "paper.write")
    paper = paper_in(context, case, command.paper)
    state = _next(paper, "submit")
    rows.update(context.connection, case.id, paper.id, state=state, reason=None, changed_at=context.now)
    _note(context, case, "submitted", paper.id, paper.title, paper.version)
    for person in _approvers(context, case, paper):
        notices.tell(context, person, "paper.submitted", {"case_no": case.case_no or case.id, "title": paper.title},
                     case.id)
    return _answer(case, paper, state)


def _approvers(context: Context, case: CaseRow, paper: Any) -> list[str]:
    found = []
    for key in escalations.with_roles(context.connection, sorted(RIGHTS["paper.approve"])):
        account = users.get(context.connection, key)
        if account is None or key == paper.written_by:
            continue
        units = organisation.below(context.connection, account.unit) if account.unit else ()
        person = actor_of(account, units=units)
        if may_open(person, paper.closed_to) and sees(context.connection, case.id, sights.whole(person)):
            found.append(key)
    return found


# --- deciding ---------------------------------------------------------------------------------------------------------
def approve(context: Context, command: ApprovePaper) -> Outcome:
    case = case_for(context, command.case_id, "paper.approve")
    paper = paper_in(context, case, command.paper)
    state = _next(paper, "approve")
    if paper.written_by == context.actor.id:
        raise OwnPaper(by=context.actor.id, version=paper.version, title=paper.title)
    if paper.sha256 != command.sha256:
        raise NotTheVersion(title=paper.title)
    rows.update(context.connection, case.id, paper.id, state=state, approved_by=context.actor.id,
                changed_at=context.now)
    _note(context, case, "approved", paper.id, paper.title, paper.version)
    _tell_writer(context, case, paper, "paper.approved", "")
    return _answer(case, paper, state)


def send_back(context: Context, command: ReturnPaper) -> Outcome:
    case = case_for(context, command.case_id, "paper.approve")
    paper = paper_in(context, case, command.paper)
    state, reason = _next(paper, "return"), required(command.reason, "reason")
    rows.update(context.connection, case.id, paper.id, state=state, approved_by=None, reason=reason,
                changed_at=context.now)
    _note(context, case, "returned", paper.id, paper.title, paper.version, reason)
    _tell_writer(context, case, paper, "paper.returned", reason)
    return _answer(case, paper, state)


def withdraw(context: Context, command: WithdrawPaper) -> Outcome:
    case = case_for(context, command.case_id, "paper.write")
    paper = paper_in(context, case, command.paper)
    state, reason = _next(paper, "withdraw"), required(command.reason, "reason")
    rows.update(context.connection, case.id, paper.id, state=state, reason=reason, changed_at=context.now)
    _note(context, case, "withdrawn", paper.id, paper.title, paper.version, reason)
    return _answer(case, paper, state)


def issue(context: Context, command: IssuePaper) -> Outcome:
    """Number, day and seal in one transaction with the filing: the series has no gap. A diagram that waits for the
    message ``document.issued`` with the paper's id goes on."""
    case = case_for(context, command.case_id, "paper.issue")
    paper = paper_in(context, case, command.paper)
    state = _next(paper, "issue")
    number = next_number(context, paper.series)
    marks = {NUMBER_MARK: number, DAY_MARK: day_text(context.today)}
    text = filled(context.parts.files.read(paper.sha256), marks, paper.title)
    content = context.parts.seals.seal(text, paper.title, paper.issuing_authority, context.today)
    sha256 = _stored(context, content, paper.title)
    document = file_document(
        context, case, category="document", title=paper.title, name=f"{paper.title}.docx", number=number,
        sha256=sha256, element=paper.element, issuing_authority=paper.issuing_authority, handled_by=paper.handled_by,
        internal=paper.internal, closed_to=paper.closed_to, paper=paper.id, version=paper.version)
    rows.update(context.connection, case.id, paper.id, state=state, document=document, changed_at=context.now)
    _note(context, case, "issued", paper.id, paper.title, paper.version, number=number)
    told = {"id": document, "title": paper.title, "number": number, "sha256": sha256,
            "issued_on": context.today.isoformat()}
    messages.publish(context, PublishMessage("document.issued", paper.id, {"document": told}, message_id=document))
    return {**_answer(case, paper, state), "document": document, "number": number, "sha256": sha256}


# --- parts ------------------------------------------------------------------------------------------------------------
def _next(paper: Any, move: str) -> str:
    state = MOVES[paper.state].get(move)
    if state is None:
        raise Conflict(action=move, noun="paper", key=paper.id, state=Phrase(paper.state))
    return state


def next_number(context: Context, series: str) -> str:
    """``示预字〔2026〕1号``: the next of a series of papers; cases are counted apart, whatever a series is called."""
    year = context.today.year
    count = records.next_number(context.database, context.connection, f"文:{series}", year)
    return f"{series}〔{year}〕{count}号"


def _stored(context: Context, content: bytes, title: str) -> str:
    staged = context.parts.files.put(content, f"{title}.docx", DOCX)
    records.add_file(context.database, context.connection, staged.sha256, staged.size, DOCX, context.now,
                     context.actor.id)
    return staged.sha256


def _version(context: Context, case: CaseRow, key: str, paper: Any, version: int, sha256: str) -> str:
    title = paper["title"]
    return file_document(context, case, category="draft", title=title, name=f"{title}（第{version}稿）.docx",
                         sha256=sha256, element=paper["element"], closed_to=paper["closed_to"], paper=key,
                         version=version)


def _note(context: Context, case: CaseRow, what: str, key: str, title: str, version: int, reason: str = "",
          number: str = "") -> None:
    data = {"paper": key, "title": title, "version": version, "reason": reason, "number": number}
    trail.note(context, case, f"paper:{what}", {name: value for name, value in data.items() if value})


def _tell_writer(context: Context, case: CaseRow, paper: Any, code: str, reason: str) -> None:
    notices.tell(context, paper.written_by, code, {"case_no": case.case_no or case.id, "title": paper.title,
                                                   "reason": reason}, case.id)


def _answer(case: CaseRow, paper: Any, state: str) -> Outcome:
    return {"case_id": case.id, "paper": paper.id, "state": state}

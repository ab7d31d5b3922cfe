"""Operations of a case about its papers (文书) and its evidence (证据)."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from marshmallow import Schema, fields, validate

from engine.domain import paper_commands as c
from engine.domain.papers import SOURCES
from engine.http.api.access import act, actor, services
from engine.http.api.cases import READ, WRITE, Reason, noun
from engine.http.api.fields import flag, free_text, instant, text
from engine.http.api.files import Reference, ref
from engine.http.api.pages import all_of
from engine.services.context import Outcome
from engine.services.views.papers import PaperView

_MOST_FILES = 20


class Paper(Schema):
    """``sha256``: of its newest version; ``acts``: what you may do with it now."""

    key = fields.String(required=True)
    title = fields.String(required=True)
    series = fields.String(required=True)
    state = fields.String(required=True)
    version = fields.Integer(required=True)
    internal = fields.Boolean(required=True)
    written_by = fields.String(required=True)
    approved_by = fields.String(required=True)
    reason = fields.String(required=True)
    changed_at = instant(required=True)
    sha256 = fields.String(required=True)
    acts = fields.List(fields.String(), required=True)


class Version(Schema):
    """``state``: draft, or document (the one that was issued); ``key``: of the document."""

    key = fields.String(required=True)
    state = fields.String(required=True)
    version = fields.Integer(required=True)
    name = fields.String(required=True)
    number = fields.String(required=True, allow_none=True)
    sha256 = fields.String(required=True)
    by = fields.String(required=True)
    at = instant(required=True)


class PaperWithVersions(Paper):
    versions = fields.List(fields.Nested(Version), required=True)


class NewPaper(Schema):
    """``template``: a name of ``templates``; ``series``: of its number, that of the house when it is left out;
    ``internal``: a working paper, never served."""

    template = text(200, required=True)
    title = text(100, required=True)
    series = free_text(40)
    internal = flag(load_default=False)


class PaperState(Schema):
    """``document``: of the version made, or of what was issued under ``number``."""

    case_id = fields.String(required=True)
    paper = fields.String(required=True)
    state = fields.String(required=True)
    document = fields.String()
    number = fields.String()
    sha256 = fields.String()


class NewVersion(Schema):
    file = fields.Nested(Reference, required=True)


class ReadVersion(Schema):
    """``sha256``: of the version that was looked at."""

    sha256 = text(64, required=True)


class Evidence(Schema):
    """``key``: of the document; ``seen_by``: who compared it with the original, and when."""

    key = fields.String(required=True)
    title = fields.String(required=True)
    name = fields.String(required=True)
    source = fields.String(required=True)
    sha256 = fields.String(required=True)
    by = fields.String(required=True)
    at = instant(required=True)
    seen_by = fields.String(required=True)
    seen_at = instant(required=True, allow_none=True)


class NewEvidence(Schema):
    """``original_seen``: you have compared it with the original."""

    title = text(200, required=True)
    source = fields.String(required=True, validate=validate.OneOf(SOURCES))
    files = fields.List(fields.Nested(Reference), required=True, validate=validate.Length(1, _MOST_FILES))
    original_seen = flag(load_default=False)


class EvidenceAdded(Schema):
    case_id = fields.String(required=True)
    documents = fields.List(fields.String(), required=True)


class OriginalSeen(Schema):
    case_id = fields.String(required=True)
    document = fields.String(required=True)


# --- papers -----------------------------------------------------------------------------------------------------------
@noun.get("/<key>/papers", all_of(Paper, "Papers", templates=fields.List(fields.String(), required=True)), READ)
def papers(query: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    """Papers in the making and issued, of a case that you see the whole of; ``templates``: what can be drafted."""
    room = services().papers.room(actor(), key)
    return {"items": room.papers, "templates": room.templates}


@noun.post("/<key>/papers", PaperState, WRITE, body=NewPaper, status=HTTPStatus.CREATED)
def draft_paper(sent: Mapping[str, Any], key: str) -> Outcome:
    """Begin a paper from a Word template of the case's procedure, filled with what the case knows."""
    return act(c.DraftPaper(key, **sent))


@noun.get("/<key>/papers/<paper>", PaperWithVersions, READ)
def paper(query: Mapping[str, Any], key: str, paper: str) -> Mapping[str, Any]:
    """One paper with its versions, the newest first; their content is at ``/files``."""
    view: PaperView = services().papers.paper(actor(), key, paper)
    return {**{name: getattr(view.paper, name) for name in Paper().fields}, "versions": view.versions}


@noun.post("/<key>/papers/<paper>/versions", PaperState, WRITE, body=NewVersion, status=HTTPStatus.CREATED)
def write_paper(sent: Mapping[str, Any], key: str, paper: str) -> Outcome:
    """Hand in a new version written in Word; an approval of an older one ends."""
    return act(c.WritePaper(key, paper, ref(sent["file"])))


@noun.post("/<key>/papers/<paper>/submit", PaperState, WRITE)
def submit_paper(sent: Mapping[str, Any], key: str, paper: str) -> Outcome:
    """Say that a draft is ready; whoever may approve it is told."""
    return act(c.SubmitPaper(key, paper))


@noun.post("/<key>/papers/<paper>/approve", PaperState, WRITE, body=ReadVersion)
def approve_paper(sent: Mapping[str, Any], key: str, paper: str) -> Outcome:
    """Approve the version that you have read; never one that you wrote."""
    return act(c.ApprovePaper(key, paper, sent["sha256"]))


@noun.post("/<key>/papers/<paper>/return", PaperState, WRITE, body=Reason)
def return_paper(sent: Mapping[str, Any], key: str, paper: str) -> Outcome:
    """Refuse it: it goes back to who wrote it."""
    return act(c.ReturnPaper(key, paper, sent["reason"]))


@noun.post("/<key>/papers/<paper>/issue", PaperState, WRITE)
def issue_paper(sent: Mapping[str, Any], key: str, paper: str) -> Outcome:
    """Number, seal and file an approved paper; the series has no gap."""
    return act(c.IssuePaper(key, paper))


@noun.post("/<key>/papers/<paper>/withdraw", PaperState, WRITE, body=Reason)
def withdraw_paper(sent: Mapping[str, Any], key: str, paper: str) -> Outcome:
    """Give up a paper that is not issued."""
    return act(c.WithdrawPaper(key, paper, sent["reason"]))


# --- evidence ---------------------------------------------------------------------------------------------------------
@noun.get("/<key>/evidence", all_of(Evidence), READ)
def evidence(query: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    """Evidence of a case that you see the whole of, the oldest first."""
    return {"items": services().papers.room(actor(), key).evidence}


@noun.post("/<key>/evidence", EvidenceAdded, WRITE, body=NewEvidence, status=HTTPStatus.CREATED)
def add_evidence(sent: Mapping[str, Any], key: str) -> Outcome:
    """Take in evidence; the time of its receipt and its hash are on record."""
    files = tuple(map(ref, sent["files"]))
    return act(c.AddEvidence(key, sent["title"], sent["source"], files, sent["original_seen"]))


@noun.post("/<key>/evidence/<document>/original-seen", OriginalSeen, WRITE)
def mark_original_seen(sent: Mapping[str, Any], key: str, document: str) -> Outcome:
    """You have compared a piece of evidence with the original."""
    return act(c.MarkOriginalSeen(key, document))

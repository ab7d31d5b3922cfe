"""Operations of a case that two persons decide: put together with another, taken apart, given to another unit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import Schema, fields, validate

from engine.domain.desk_commands import MergeCases, SplitCase, TransferCase
from engine.http.api.answers import CaseState
from engine.http.api.approvals import Requested, by_two
from engine.http.api.cases import WRITE, noun
from engine.http.api.fields import text
from engine.http.api.operations import Later
from engine.services.context import Outcome

_LONGEST_REASON, _MOST = 250, 500


def _some(**kwargs: Any) -> fields.List[str]:
    return fields.List(text(), load_default=None, validate=validate.Length(max=_MOST), **kwargs)


class Merge(Schema):
    """``into``: id or number of the case that goes on."""

    into = text(required=True)
    reason = text(_LONGEST_REASON, required=True)


class Split(Schema):
    """``title``: of the new case; ``documents``: of its papers and evidence, ``parties``: their names, null for all;
    ``tasks``: keys of open ones that go over, with none it begins anew."""

    title = text(required=True)
    documents = _some(allow_none=True)
    parties = _some(allow_none=True)
    tasks = _some()
    reason = text(_LONGEST_REASON, required=True)


class Transfer(Schema):
    """``unit``: null for the house itself; ``owner``: who answers for the case there."""

    unit = text(64, required=True, allow_none=True)
    owner = text(64, load_default=None, allow_none=True)
    reason = text(_LONGEST_REASON, required=True)


@noun.post("/<key>/merge", CaseState, WRITE, body=Merge, later=Requested)
def merge(sent: Mapping[str, Any], key: str) -> Outcome | Later:
    """This case ends and goes on in another of the same procedure, with its papers. Another person decides (202)."""
    return by_two(MergeCases(key, sent["into"], sent["reason"]), sent["reason"])


@noun.post("/<key>/split", CaseState, WRITE, body=Split, later=Requested)
def split(sent: Mapping[str, Any], key: str) -> Outcome | Later:
    """A part of this case becomes one of its own. Another person decides (202)."""
    chosen = {name: tuple(sent[name]) for name in ("documents", "parties", "tasks") if sent[name] is not None}
    return by_two(SplitCase(key, sent["title"], sent["reason"], **chosen), sent["reason"])


@noun.post("/<key>/transfer", CaseState, WRITE, body=Transfer, later=Requested)
def transfer(sent: Mapping[str, Any], key: str) -> Outcome | Later:
    """Another unit has the case from now on; work that somebody holds goes back to its groups. Another person decides
    (202)."""
    return by_two(TransferCase(key, sent["unit"], sent["owner"], sent["reason"]), sent["reason"])

"""Recusal (回避): what people declare, what a case has to do with them, and what follows for a procedure.

Grounds are data: ``GROUNDS`` says for each procedure what each kind of relation leads to, with its source. ``clear``
lets work begin, ``disclose`` only once both parties have accepted the person after disclosure, ``block`` never; no
assigner overrides it.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import IntEnum
from typing import Any

EMPLOYER_YEARS = 5
"""How long a past employer counts (DOMAIN §5.2, local practice)."""
DECLARED = ("relative", "employer", "shareholding", "mentor", "posting", "past_case", "other")
"""Kinds of what people declare: near relatives; employers (an agency, a firm); shares or another interest; mentor
links; bodies posted to; numbers of cases they took part in; anything else that may affect fairness."""
CAPACITIES = ("applicant", "requester", "respondent", "patentee", "third_party", "agent", "agency", "inventors")
"""Variables of a case that name its parties and who acts for them."""


class Verdict(IntEnum):
    CLEAR = 0
    DISCLOSE = 1
    BLOCK = 2


@dataclass(frozen=True, slots=True)
class Ground:
    verdict: Verdict
    source: str


@dataclass(frozen=True, slots=True)
class Declared:
    kind: str
    subject: str
    ended_on: date | None = None


@dataclass(frozen=True, slots=True)
class Linked:
    """Another case on the same matter: its number, its procedure, the roles in which the person worked on it."""

    case_no: str
    procedure: str
    roles: frozenset[str]


@dataclass(frozen=True, slots=True)
class Matter:
    """What of a case is looked at: its procedure, the names in it, its links, the roles the person has had in it."""

    procedure: str
    case_no: str
    names: frozenset[str]
    linked: tuple[Linked, ...] = ()
    roles: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Finding:
    """``ground``: the kind of relation, or ``earlier_role`` or ``duty_separation``; ``about``: the name or number."""

    verdict: Verdict
    ground: str = ""
    about: str = ""
    source: str = ""


NOTHING = Finding(Verdict.CLEAR)

_CNIPA, _ADJUDICATION = "专利法实施细则42", "专利侵权纠纷行政裁决办案指南；国知局令S30第9条"
_MEDIATION, _APPRAISAL = "最高法特邀调解规定15；在线调解规则13", "司法鉴定程序通则S16第32、33条"


def _grounds(source: str, near: Verdict, other: Verdict, earlier: Verdict = Verdict.BLOCK) -> Mapping[str, Ground]:
    nearly = {kind: Ground(near, source) for kind in ("relative", "employer", "shareholding")}
    loosely = {kind: Ground(other, source) for kind in ("mentor", "posting", "other")}
    return {**nearly, **loosely, "past_case": Ground(earlier, source), "earlier_role": Ground(Verdict.BLOCK, source)}


_OFFICE = _grounds(_CNIPA, Verdict.BLOCK, Verdict.DISCLOSE)
GROUNDS: Mapping[str, Mapping[str, Ground]] = {
    "": _OFFICE,
    "pre_examination": _OFFICE,
    "reexamination": _OFFICE,
    "invalidation": _grounds("专利法实施细则42；审查指南IV-1-3.1", Verdict.BLOCK, Verdict.DISCLOSE),
    "hearing": _OFFICE,
    "mediation": _grounds(_MEDIATION, Verdict.DISCLOSE, Verdict.DISCLOSE, Verdict.DISCLOSE),
    "adjudication": _grounds(_ADJUDICATION, Verdict.BLOCK, Verdict.DISCLOSE),
    "appraisal": _grounds(_APPRAISAL, Verdict.BLOCK, Verdict.BLOCK),
}
"""Procedure → kind of relation → what it leads to. Of mediation both parties may agree after disclosure, but not to who
judged or judges the same matter."""

APART: frozenset[frozenset[str]] = frozenset({
    frozenset({"mediator", "adjudicator"}), frozenset({"examiner", "quality"}),
    frozenset({"mediator", "technical_investigator"})})
"""Roles that one person does not have on linked cases (RELIABILITY must 19), nor in one case."""
AGAIN = frozenset({"examiner", "adjudicator"})
"""Who has decided does not decide again on a linked case of these procedures (细则42; 指南IV-1-3.1)."""
_AGAIN_IN = frozenset({"reexamination", "invalidation"})


def evaluate(declared: Iterable[Declared], matter: Matter, role: Iterable[str], today: date) -> Finding:
    """The gravest of what is found about one person in one case, taking it up in some roles."""
    grounds = GROUNDS.get(matter.procedure, _OFFICE)
    roles = frozenset(role)
    found = [*_related(declared, matter, grounds, today), *_earlier(matter, roles, grounds)]
    return max(found, key=lambda finding: finding.verdict, default=NOTHING)


def _related(declared: Iterable[Declared], matter: Matter, grounds: Mapping[str, Ground],
             today: date) -> Iterable[Finding]:
    numbers = {normal(matter.case_no), *(normal(linked.case_no) for linked in matter.linked)} - {""}
    names = {normal(name): name for name in matter.names}
    for item in declared:
        subject = normal(item.subject)
        if item.kind == "employer" and item.ended_on is not None and _years_ago(today, EMPLOYER_YEARS) > item.ended_on:
            continue
        hit = subject in numbers if item.kind == "past_case" else subject in names
        if hit and (ground := grounds.get(item.kind)) is not None:
            yield Finding(ground.verdict, item.kind, names.get(subject, item.subject), ground.source)


def _earlier(matter: Matter, roles: frozenset[str], grounds: Mapping[str, Ground]) -> Iterable[Finding]:
    ground = grounds["earlier_role"]
    for linked in matter.linked:
        again = AGAIN & linked.roles & roles if matter.procedure in _AGAIN_IN else frozenset()
        if again or _apart(linked.roles, roles):
            yield Finding(Verdict.BLOCK, "earlier_role", linked.case_no, ground.source)
    if _apart(matter.roles, roles):
        yield Finding(Verdict.BLOCK, "duty_separation", matter.case_no, ground.source)


def opposites(roles: Iterable[str]) -> frozenset[str]:
    """The roles that must not have been those of somebody who takes up these."""
    return frozenset(other for role in roles for pair in APART if role in pair for other in pair - {role})


def _apart(had: frozenset[str], wanted: frozenset[str]) -> bool:
    return not opposites(wanted).isdisjoint(had)


def _years_ago(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year - years)
    except ValueError:  # the 29th of February
        return day.replace(year=day.year - years, day=28)


def normal(name: str) -> str:
    """A name as it is compared: width, case and blanks make no other person."""
    return "".join(unicodedata.normalize("NFKC", name).casefold().split())


def names_in(value: Any) -> list[str]:
    """The names in a variable of a case: a text, an object with ``name``, or a list of these."""
    if isinstance(value, str):
        return [value] if value.strip() else []
    if isinstance(value, Mapping):
        own = value.get("name")
        return [name for part in (own, value.get("agency")) for name in (names_in(part) if part is not value else [])]
    if isinstance(value, list):
        return [name for item in value for name in names_in(item)]
    return []

"""Who may do what, in one place: roles, the rights they carry, and what an actor sees.

Not-allowed and not-existing are indistinguishable to the one who asks: callers raise ``NotFound`` for both.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from engine.domain.actors import Actor, ActorKind

ROLES: Mapping[str, str] = {
    "applicant": "备案主体",
    "party": "当事人",
    "agent": "代理人",
    "intake": "受理岗",
    "classifier": "分类岗",
    "examiner": "预审员",
    "quality": "质检岗",
    "supervisor": "预审主管",
    "coordinator": "案件协调岗",
    "hearing_operator": "审理庭技术岗",
    "adjudicator": "行政裁决合议组",
    "invalidation_panel": "复审无效合议组",
    "technical_investigator": "技术调查官",
    "mediator": "调解员",
    "committee": "调委会",
    "specialist": "特派专员",
    "mentor": "导师",
    "host": "接收单位",
    "hr": "人事岗",
    "department_head": "部门负责人",
    "leadership": "中心领导",
    "director": "裁决机关负责人",
    "data": "数据岗",
    "partner": "外部机构系统账号",
    "designer": "流程设计员",
    "deployer": "发布员",
    "admin": "系统管理员",
    "security": "安全管理员",
    "auditor": "审计员",
}
"""DOMAIN §5.1. The administrator keeps accounts, the security administrator grants what they may do, the auditor looks
at both: three persons, as classified protection asks (GB/T 22239-2019)."""

LEVELS = ("L1", "L2", "L3")
"""Confidentiality of a case (DOMAIN §5.3), the highest last: published; mediation, deliberation, business secret;
unpublished application."""


class Scope(StrEnum):
    """Which cases a role sees. Each but the first also opens those where one has or had a task, or is offered one."""

    NAMED = "named"
    """One's own: as the case's applicant, or by a task in one's own name."""
    WORK = "work"
    WINDOW = "window"
    """All that were registered in one's own unit."""
    UNIT = "unit"
    """All of the role's procedures, of one's own unit and those below; who has no unit oversees all units."""
    ALL = "all"


class Sight(StrEnum):
    """How much of a case is seen."""

    PARTY = "party"
    """What is one's own and what was served: no internal note, no task of others, no internal deadline."""
    OUTLINE = "outline"
    """The papers of the case, its deadlines and where it stands: no draft, no decision's inputs, nobody's form."""
    WHOLE = "whole"


@dataclass(frozen=True, slots=True)
class Reach:
    """``clearance``: the highest level; ``procedures``: what the scope goes over, None: any."""

    scope: Scope
    sight: Sight
    clearance: str = "L2"
    procedures: frozenset[str] | None = None


PRE_EXAMINATION = frozenset({"", "pre_examination", "recusal"})
ADJUDICATION = frozenset({"adjudication"})
MIRROR = frozenset({"reexamination", "invalidation", "hearing", *ADJUDICATION})
MEDIATION = frozenset({"mediation"})
DISPATCH = frozenset({"posting"})
"""Values of the property ``procedure`` of the diagrams."""
_PARTY = Reach(Scope.NAMED, Sight.PARTY, "L3")
_WORKER = Reach(Scope.WORK, Sight.WHOLE)
REACH: Mapping[str, Reach] = {
    "applicant": _PARTY,
    "party": _PARTY,
    "agent": _PARTY,
    "intake": Reach(Scope.WINDOW, Sight.OUTLINE, "L3"),
    "classifier": Reach(Scope.WORK, Sight.WHOLE, "L3"),
    "examiner": Reach(Scope.WORK, Sight.WHOLE, "L3"),
    "quality": Reach(Scope.WORK, Sight.WHOLE, "L3"),
    "supervisor": Reach(Scope.UNIT, Sight.WHOLE, "L3", PRE_EXAMINATION),
    "coordinator": Reach(Scope.UNIT, Sight.WHOLE, "L2", MIRROR),
    "hearing_operator": Reach(Scope.WORK, Sight.OUTLINE),
    "adjudicator": _WORKER,
    "invalidation_panel": _WORKER,
    "technical_investigator": Reach(Scope.WORK, Sight.OUTLINE),
    "mediator": _WORKER,
    "committee": Reach(Scope.UNIT, Sight.WHOLE, "L2", MEDIATION),
    "specialist": _WORKER,
    "mentor": _WORKER,
    "host": Reach(Scope.WORK, Sight.OUTLINE),
    "hr": Reach(Scope.UNIT, Sight.WHOLE, "L2", DISPATCH),
    "department_head": _WORKER,
    "leadership": Reach(Scope.UNIT, Sight.WHOLE, "L2", DISPATCH),
    "director": Reach(Scope.UNIT, Sight.WHOLE, "L2", ADJUDICATION),
    "auditor": Reach(Scope.ALL, Sight.WHOLE, "L3"),
}
"""Role → what it sees of cases (DOMAIN §5.1). A role that is not here sees no case: data, partner, designer, deployer,
admin, security and workers; an administrator may be let look into one case for a time by two others (break-glass)."""

BREAKERS = frozenset({"admin"})
"""Whom the glass may be broken for."""


def levels_up_to(clearance: str) -> tuple[str, ...]:
    return LEVELS[:LEVELS.index(clearance) + 1]


def may_open(actor: Actor, closed_to: str | None) -> bool:
    """Whether something of a closed space (``closed`` of an element: the panel's deliberation) is open to an actor who
    sees the case; the auditor looks at everything."""
    return closed_to is None or actor.kind is ActorKind.SYSTEM or actor.has(closed_to, "auditor")


SUPERVISION = ("supervisor",)
"""Who sees to what is nobody else's."""
OVERSEERS = frozenset({"supervisor", "coordinator", "committee", "hr"})
"""Who runs the cases of a procedure: pre-examination, the mirrors and adjudication, mediation, dispatch. What a right
lets them do they do to cases in their reach alone."""

WRITERS = OVERSEERS | {"intake", "classifier", "examiner", "quality", "adjudicator", "mediator", "department_head",
                       "director"}
"""Who draws up papers in the cases that they see whole; nobody approves what they wrote."""

RIGHTS: Mapping[str, frozenset[str]] = {
    "case.start": OVERSEERS | {"applicant", "party", "agent", "intake", "leadership"},
    "case.link": OVERSEERS | {"intake"},
    "document.serve": OVERSEERS | {"intake"},
    "party.invite": OVERSEERS | {"intake", "adjudicator", "mediator"},
    "paper.write": WRITERS,
    "paper.approve": OVERSEERS | {"department_head", "director"},
    "paper.issue": WRITERS,
    "evidence.add": WRITERS | {"hearing_operator"},
    "hearing.plan": OVERSEERS | {"hearing_operator", "adjudicator", "invalidation_panel", "mediator"},
    "hearing.room": OVERSEERS | {"admin"},
    "case.suspend": OVERSEERS,
    "case.cancel": OVERSEERS,
    "case.export": OVERSEERS | {"leadership", "director", "auditor"},
    "case.modify": frozenset({"supervisor"}),
    "case.variables": frozenset({"supervisor"}),
    "task.assign": OVERSEERS,
    "incident.resolve": OVERSEERS,
    "incident.see": OVERSEERS | {"admin", "auditor"},
    "message.publish": frozenset({"intake", "supervisor"}),
    "signal.broadcast": frozenset({"supervisor"}),
    "job.work": frozenset({"worker"}),
    "definition.propose": frozenset({"designer", "deployer", "admin"}),
    "definition.deploy": frozenset({"deployer", "admin"}),
    "definition.see": frozenset({"designer", "deployer", "admin", "supervisor", "auditor", "intake"}),
    "user.manage": frozenset({"admin"}),
    "user.see": frozenset({"admin", "security", "auditor", "hr"}),
    "role.grant": frozenset({"admin", "security"}),
    "key.change": frozenset({"admin", "security"}),
    "key.rotate": frozenset({"admin", "security"}),
    "organisation.manage": frozenset({"admin", "hr"}),
    "absence.manage": frozenset({"supervisor", "hr", "admin"}),
    "access.ask": frozenset({"admin", "supervisor", "data", "auditor"}),
    "access.grant": frozenset({"security"}),
    "access.see": frozenset({"security", "auditor"}),
    "recusal.see": frozenset({"supervisor", "committee", "auditor"}),
    "recusal.lift": frozenset({"supervisor", "committee"}),
    "recusal.disclose": frozenset({"supervisor", "committee", "coordinator"}),
    "declaration.see": frozenset({"supervisor", "committee", "hr", "auditor"}),
    "deadline.arm": OVERSEERS | {"intake"},
    "deadline.change": OVERSEERS | {"intake"},
    "deadline.extend": frozenset({"supervisor", "director", "committee"}),
    "deadline.override": frozenset({"supervisor"}),
    "deadline.confirm": OVERSEERS,
    "deadline.shift": frozenset({"supervisor", "admin"}),
    "calendar.load": frozenset({"supervisor", "admin"}),
    "rule.change": frozenset({"supervisor", "admin"}),
    "rule.approve": frozenset({"supervisor", "security"}),
    "audit.see": frozenset({"auditor"}),
    "evidence.export": frozenset({"supervisor"}),
    "retention.manage": frozenset({"supervisor"}),
    "approval.see_all": frozenset({"security", "auditor"}),
    "handoff.see": frozenset({"intake", "supervisor", "coordinator", "committee", "auditor"}),
    "handoff.decide": frozenset({"intake", "supervisor", "coordinator", "committee"}),
    "handoff.enter": frozenset({"intake", "supervisor", "coordinator", "committee"}),
    "handoff.check": frozenset({"intake", "supervisor", "coordinator", "committee"}),
    "handoff.replay": frozenset({"intake", "supervisor", "coordinator", "committee"}),
    "partner.manage": frozenset({"admin"}),
    "partner.see": frozenset({"admin", "supervisor", "intake", "auditor"}),
}
"""Right → the roles that carry it."""

EXCLUSIVE: tuple[frozenset[str], ...] = (
    frozenset({"admin", "security", "auditor"}), frozenset({"designer", "deployer"}))
"""Of each set one person has one role at most (DOMAIN §5.1, duty separation)."""

SCOPES: Mapping[str, str] = {
    "cases:read": "cases, their history, deadlines and incidents",
    "cases:write": "start, hold, resume, cancel and correct cases; resolve incidents",
    "tasks": "user tasks: read, claim, complete",
    "jobs": "fetch and finish jobs of service tasks",
    "messages": "publish messages and signals",
    "deployments": "publish and read process definitions",
    "admin": "partners; requests that wait for a second person",
}
"""What a token may be used for. A token without scopes has all rights of its user, never more."""


def may(actor: Actor, right: str) -> bool:
    """Whether the actor's roles carry a right; the engine itself may everything."""
    return actor.kind is ActorKind.SYSTEM or actor.has(*RIGHTS[right])


def holders(right: str, procedure: str) -> frozenset[str]:
    """The roles that carry a right over cases of a procedure: those whose reach is not kept to other procedures."""
    return frozenset(role for role in RIGHTS[right] if role in REACH and (
        REACH[role].procedures is None or procedure in (REACH[role].procedures or ())))


def in_charge(procedure: str) -> tuple[str, ...]:
    """The roles that find somebody for work of a procedure that is nobody's: whoever runs it, else supervision."""
    return tuple(sorted(holders("task.assign", procedure))) or SUPERVISION


_OVERSIGHT = frozenset({"auditor", "admin", "security", "data", "designer", "deployer"})


def needs_names(actor: Actor) -> bool:
    """Whether an actor works on cases and so needs to know whose they are; others see masked names in lists."""
    return actor.kind is ActorKind.SYSTEM or not actor.roles <= _OVERSIGHT


PARTIES = frozenset({"applicant", "party", "agent"})
"""Roles of outsiders: whoever carries one is a stranger to another's case, so no task is offered to all of them."""


def may_start(actor: Actor, allowed: frozenset[str], offered: frozenset[str]) -> bool:
    """Whether a process is there to be started by whoever may start cases. ``allowed``: ``startableBy`` of the process;
    ``offered``: ``role`` of its none start event. A process that names neither is the house's own: outsiders start what
    is offered to them by name."""
    if actor.kind is ActorKind.SYSTEM:
        return True
    if allowed:
        return actor.has(*allowed)
    return actor.has(*(RIGHTS["case.start"] - PARTIES), *offered)


def may_work_on(actor: Actor, assignee: str | None, groups: set[str], users: set[str]) -> bool:
    """Whether a user task is the actor's, or open to the actor to claim; a party's task is opened by name only."""
    if actor.kind is ActorKind.SYSTEM or is_own(actor, assignee):
        return True
    return assignee is None and (not actor.roles.isdisjoint(groups - PARTIES) or actor.id in users)


def cleared(actor: Actor, level: str) -> bool:
    """Whether the level of a case keeps the actor from no work in it; a party's own is open to it at any level."""
    reaches = [REACH[role] for role in actor.roles if role in REACH]
    if actor.kind is ActorKind.SYSTEM or not reaches:
        return actor.kind is ActorKind.SYSTEM
    if all(reach.scope is Scope.NAMED for reach in reaches):
        return True
    return level <= max(reach.clearance for reach in reaches)


def is_own(actor: Actor, assignee: str | None) -> bool:
    """Whether a task is assigned to the actor, or to somebody absent for whom the actor stands in."""
    return assignee is not None and (assignee == actor.id or assignee in actor.stands_for)


def is_staff(actor: Actor) -> bool:
    """Whether somebody works for the centre: has a role, and none of an outsider."""
    return bool(actor.roles) and actor.roles.isdisjoint(PARTIES | {"partner", "worker"})

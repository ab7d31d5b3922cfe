"""Who may do what, in one place: roles, the rights they carry, and what an actor sees.

Not-allowed and not-existing are indistinguishable to the one who asks: callers raise ``NotFound`` for both.
"""

from __future__ import annotations

from collections.abc import Mapping

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
    "technical_investigator": "技术调查官",
    "mediator": "调解员",
    "committee": "调委会",
    "specialist": "特派专员",
    "mentor": "导师",
    "host": "接收单位",
    "hr": "人事岗",
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

RIGHTS: Mapping[str, frozenset[str]] = {
    "case.start": frozenset({"applicant", "intake", "supervisor"}),
    "case.see_all": frozenset({"intake", "supervisor", "auditor"}),
    "case.suspend": frozenset({"supervisor"}),
    "case.cancel": frozenset({"supervisor"}),
    "case.modify": frozenset({"supervisor"}),
    "case.variables": frozenset({"supervisor"}),
    "task.assign": frozenset({"supervisor"}),
    "incident.resolve": frozenset({"supervisor", "admin"}),
    "incident.see": frozenset({"supervisor", "admin", "auditor"}),
    "message.publish": frozenset({"intake", "supervisor"}),
    "signal.broadcast": frozenset({"supervisor"}),
    "job.work": frozenset({"worker", "admin"}),
    "definition.propose": frozenset({"designer", "deployer", "admin"}),
    "definition.deploy": frozenset({"deployer", "admin"}),
    "definition.see": frozenset({"designer", "deployer", "admin", "supervisor", "auditor", "intake"}),
    "user.manage": frozenset({"admin"}),
    "user.see": frozenset({"admin", "security", "auditor", "hr"}),
    "role.grant": frozenset({"admin", "security"}),
    "key.change": frozenset({"admin", "security"}),
    "organisation.manage": frozenset({"admin", "hr"}),
    "absence.manage": frozenset({"supervisor", "hr", "admin"}),
    "access.ask": frozenset({"admin", "supervisor", "data"}),
    "access.grant": frozenset({"security"}),
    "deadline.arm": frozenset({"intake", "supervisor", "coordinator"}),
    "deadline.change": frozenset({"intake", "supervisor", "coordinator"}),
    "deadline.extend": frozenset({"supervisor"}),
    "deadline.override": frozenset({"supervisor"}),
    "deadline.confirm": frozenset({"supervisor", "coordinator"}),
    "deadline.shift": frozenset({"supervisor", "admin"}),
    "calendar.load": frozenset({"supervisor", "admin"}),
    "rule.change": frozenset({"supervisor", "admin"}),
    "rule.approve": frozenset({"supervisor", "security"}),
    "audit.see": frozenset({"auditor"}),
    "evidence.export": frozenset({"supervisor"}),
    "retention.manage": frozenset({"supervisor"}),
    "approval.see_all": frozenset({"security", "auditor"}),
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


_OVERSIGHT = frozenset({"auditor", "admin", "security", "data", "designer", "deployer"})


def needs_names(actor: Actor) -> bool:
    """Whether an actor works on cases and so needs to know whose they are; others see masked names in lists."""
    return actor.kind is ActorKind.SYSTEM or not actor.roles <= _OVERSIGHT


PARTIES = frozenset({"applicant", "party", "agent"})
"""Roles of outsiders: whoever carries one is a stranger to another's case, so no task is offered to all of them."""


def may_work_on(actor: Actor, assignee: str | None, groups: set[str], users: set[str]) -> bool:
    """Whether a user task is the actor's, or open to the actor to claim; a party's task is opened by name only."""
    if actor.kind is ActorKind.SYSTEM or is_own(actor, assignee):
        return True
    return assignee is None and (not actor.roles.isdisjoint(groups - PARTIES) or actor.id in users)


def is_own(actor: Actor, assignee: str | None) -> bool:
    """Whether a task is assigned to the actor, or to somebody absent for whom the actor stands in."""
    return assignee is not None and (assignee == actor.id or assignee in actor.stands_for)


def is_staff(actor: Actor) -> bool:
    """Whether somebody works for the centre: has a role, and none of an outsider."""
    return bool(actor.roles) and actor.roles.isdisjoint(PARTIES | {"partner", "worker"})

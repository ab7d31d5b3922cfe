"""Who may do what, in one place: roles, the rights they carry, and what an actor sees.

Not-allowed and not-existing are indistinguishable to the one who asks: callers raise ``NotFound`` for both.
"""

from __future__ import annotations

from collections.abc import Mapping

from engine.domain.actors import Actor, ActorKind

ROLES: Mapping[str, str] = {
    "applicant": "备案主体",
    "intake": "受理岗",
    "classifier": "分类岗",
    "examiner": "预审员",
    "quality": "质检岗",
    "supervisor": "预审主管",
    "designer": "流程设计员",
    "deployer": "发布员",
    "admin": "系统管理员",
    "auditor": "审计员",
}

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
    "definition.deploy": frozenset({"deployer", "admin"}),
    "definition.see": frozenset({"designer", "deployer", "admin", "supervisor", "auditor", "intake"}),
    "user.manage": frozenset({"admin"}),
    "partner.manage": frozenset({"admin"}),
    "partner.see": frozenset({"admin", "supervisor", "intake", "auditor"}),
}
"""Right → the roles that carry it."""


def may(actor: Actor, right: str) -> bool:
    """Whether the actor's roles carry a right; the engine itself may everything."""
    return actor.kind is ActorKind.SYSTEM or actor.has(*RIGHTS[right])


PARTIES = frozenset({"applicant"})
"""Roles of outsiders: whoever carries one is a stranger to another's case, so no task is offered to all of them."""


def may_work_on(actor: Actor, assignee: str | None, groups: set[str], users: set[str]) -> bool:
    """Whether a user task is the actor's, or open to the actor to claim; a party's task is opened by name only."""
    if actor.kind is ActorKind.SYSTEM or assignee == actor.id:
        return True
    return assignee is None and (not actor.roles.isdisjoint(groups - PARTIES) or actor.id in users)

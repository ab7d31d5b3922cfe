"""Administration: people, absences, recusal, what two persons decide, rules and calendar, the audit trail."""

from __future__ import annotations

from tests.support.pictures.camera import ALL, Camera, Picture


def lengthened(one: Camera) -> None:
    one.unfold("自某日起改长度")
    one.show("details[open]")


PICTURES = (
    Picture("users", "admin", "/admin/users", looks=ALL),
    Picture("user", "admin", "/admin/users/mediator"),
    Picture("user-machine", "admin", "/admin/users/example-archive"),
    Picture("organisation", "admin", "/admin/organisation"),
    Picture("absences", "examiner", "/absences"),
    Picture("approvals", "security", "/approvals", looks=ALL),
    Picture("approvals-decided", "security", "/approvals?state=all"),
    Picture("recusals", "supervisor", "/recusals?state=all"),
    Picture("declarations", "examiner", "/declarations"),
    Picture("access", "security", "/access"),
    Picture("rules", "supervisor", "/rules", looks=ALL),
    Picture("rules-found", "supervisor", "/rules?q=答复"),
    Picture("rule", "supervisor", "/rules/dl.pre.answer"),
    Picture("rule-change", "supervisor", "/rules/dl.cnipa.oa1", lengthened),
    Picture("calendar", "supervisor", "/calendar"),
    Picture("audit", "auditor", "/audit"),
    Picture("notices", "applicant", "/notices", looks=ALL),
    Picture("notices-empty", "host", "/notices"),
    Picture("account", "examiner", "/account", looks=ALL),
    Picture("contact", "examiner", "/account/notices"),
    Picture("second-factor", "examiner", "/account/second-factor"),
)

"""Who is told that the wire needs a person: those who decide about messages and may see the case."""

from __future__ import annotations

from typing import Any

from engine.domain.actors import actor_of
from engine.domain.permissions import RIGHTS
from engine.services.context import Context
from engine.services.legal_time import notices
from engine.store import cases, organisation, sights, users
from engine.store.cases import CaseRow

DECIDERS = tuple(sorted(RIGHTS["handoff.decide"]))


def tell(context: Context, code: str, row: Any, case: CaseRow | None) -> None:
    """One notice to each who may decide. ``row``: a message, in or out."""
    said = {"type": row.type, "partner": row.partner, "id": getattr(row, "message_id", None) or row.id,
            "case_no": (case.case_no if case is not None else None) or "–"}
    for account in users.all_users(context.connection):
        if account.enabled and not set(DECIDERS).isdisjoint(account.roles) and _sees(context, account, case):
            notices.tell(context, account.id, code, said, case.id if case is not None else None)


def _sees(context: Context, account: Any, case: CaseRow | None) -> bool:
    if case is None:
        return True
    units = organisation.below(context.connection, account.unit) if account.unit else frozenset()
    actor = actor_of(account, units=units)
    return cases.sees(context.connection, case.id, sights.inside(actor))

"""Deadlines told to machines: ``deadline.notice`` through the outbox, to every partner that asks for it by naming it
among what it may see. Nothing of a case above the level that the message is cleared for."""

from __future__ import annotations

from typing import Any

from engine.services.context import Context
from engine.services.wire import catalogue, exchange
from engine.store import partners
from engine.store.cases import CaseRow

NOTICE = "deadline.notice"


def send(context: Context, case: CaseRow, deadline: Any, code: str, to: str) -> list[str]:
    """``code`` of the notice (``deadline.near`` …) and whom the rung tells. Answers the partners it goes to."""
    if case.level > catalogue.CATALOGUE.message(NOTICE).clearance:
        return []
    told = [row.code for row in partners.seeing(context.connection, NOTICE)]
    for partner in told:
        exchange.queue(context, case.id, exchange.envelope(
            context, partner, NOTICE, {"center_case_no": case.case_no or case.id}, _payload(deadline, code, to)))
    return told


def _payload(deadline: Any, code: str, to: str) -> dict[str, Any]:
    said = {name: (deadline.computation.get(name) or {}).get("zh") for name in ("name", "consequence")}
    return {"event": code.removeprefix("deadline."), "deadline_key": deadline.key,
            "due_on": deadline.due_on.isoformat(), "told": to, **{name: text for name, text in said.items() if text}}

"""Deadlines across cases, as far as somebody sees them: what is open or waits for a decision, and what is due when."""

from __future__ import annotations

from datetime import date
from typing import Any

import sqlalchemy as sa

from engine.domain.actors import Actor
from engine.store import schema as s
from engine.store.sights import deadline_seen

_deadline, _case, _timer = s.deadline, s.case, s.timer
_SHOWN = sa.select(_deadline, _case.c.case_no, _case.c.title).join(_case, _case.c.id == _deadline.c.case_id)
_OPEN = _deadline.c.state.in_(("running", "paused"))


def at_risk(connection: sa.Connection, actor: Actor, limit: int) -> list[sa.Row[Any]]:
    """Open deadlines, and expired ones whose timer still waits for a person; the next first."""
    waits = sa.exists().where(_timer.c.case_id == _deadline.c.case_id, _timer.c.wait == _deadline.c.wait)
    unsettled = sa.and_(_deadline.c.state == "expired", waits)
    return list(connection.execute(_SHOWN.where(sa.or_(_OPEN, unsettled), deadline_seen(actor)).order_by(
        _deadline.c.due_at, _deadline.c.case_id, _deadline.c.wait).limit(limit)))


def due_between(connection: sa.Connection, actor: Actor, first: date, last: date, limit: int) -> list[sa.Row[Any]]:
    """Deadlines due in a span, both days included, but for those that were needed no more."""
    return list(connection.execute(_SHOWN.where(
        _deadline.c.due_on.between(first, last), _deadline.c.state.not_in(("cancelled", "superseded")),
        deadline_seen(actor)).order_by(_deadline.c.due_on, _deadline.c.case_id, _deadline.c.wait).limit(limit)))

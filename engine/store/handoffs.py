"""What the handoff board reads: how far messages have got, and what waits for a person. Lists and sums take the actor
and leave out what belongs to cases the actor may not see, so that a sum never tells of more than its list shows."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from engine.domain.actors import Actor
from engine.store import schema as s
from engine.store.sights import inside

_out, _in, _case = s.outbox, s.inbound, s.case
OPEN = sa.and_(_in.c.decision.is_(None), sa.or_(_in.c.status.in_(("unmatched", "conflict")), _in.c.late.is_(True)))
"""On an inbound message: a person may decide about it."""
_STAGE = sa.case((_out.c.state == "dead", "dead"), (_out.c.accepted_at.is_not(None), "accepted"),
                 (_out.c.delivered_at.is_not(None), "received"), else_="sent")
_SINCE = sa.func.coalesce(_out.c.accepted_at, _out.c.delivered_at, _out.c.created_at)


def standing(connection: sa.Connection, actor: Actor) -> list[sa.Row[Any]]:
    """(partner, stage, number, oldest) of what was sent and is not settled; the stage is sent, received, accepted or
    dead, the oldest counts from when the stage was reached."""
    return list(connection.execute(
        sa.select(_out.c.partner, _STAGE.label("stage"), sa.func.count().label("number"),
                  sa.func.min(sa.type_coerce(_SINCE, s.Instant)).label("oldest"))
        .select_from(_beside(_out)).where(_out.c.decided_at.is_(None), _seen(_out, actor))
        .group_by(_out.c.partner, _STAGE)))


def settled(connection: sa.Connection, actor: Actor, since: datetime, limit: int = 5_000) -> list[sa.Row[Any]]:
    """(partner, created_at, decided_at) of what was settled from an instant on."""
    return list(connection.execute(sa.select(_out.c.partner, _out.c.created_at, _out.c.decided_at)
                                   .select_from(_beside(_out))
                                   .where(_out.c.decided_at >= since, _seen(_out, actor)).limit(limit)))


def overdue(connection: sa.Connection, actor: Actor, before: datetime) -> dict[str, int]:
    """How many messages to each partner were delivered before an instant and have no business receipt."""
    rows = connection.execute(sa.select(_out.c.partner, sa.func.count()).select_from(_beside(_out))
                              .where(_missing(before), _seen(_out, actor)).group_by(_out.c.partner))
    return {row[0]: row[1] for row in rows}


def _missing(before: datetime) -> sa.ColumnElement[bool]:
    return sa.and_(_out.c.decided_at.is_(None), _out.c.accepted_at.is_(None), _out.c.state == "delivered",
                   _out.c.delivered_at < before)


def waiting(connection: sa.Connection, actor: Actor) -> list[sa.Row[Any]]:
    """(partner, status, number) of what came in and waits for a person; what is late is a conflict."""
    status = sa.case((_in.c.late.is_(True), sa.literal_column("'conflict'")), else_=_in.c.status)
    return list(connection.execute(sa.select(_in.c.partner, status.label("status"), sa.func.count().label("number"))
                                   .select_from(_beside(_in)).where(OPEN, _seen(_in, actor))
                                   .group_by(_in.c.partner, status)))


def _with_case(table: Any, actor: Actor) -> Any:
    """Messages with the number of their case, of cases that the actor sees; those without a case too."""
    return (sa.select(table, _case.c.case_no, _case.c.title, s.partner.c.name.label("partner_name"),
                      s.partner.c.endpoint.label("partner_endpoint"))
            .select_from(_beside(table)).outerjoin(s.partner, s.partner.c.code == table.c.partner)
            .where(_seen(table, actor)))


def _beside(table: Any) -> Any:
    """Messages beside their cases, for ``_seen``."""
    return table.outerjoin(_case, _case.c.id == table.c.case_id)


def _seen(table: Any, actor: Actor) -> sa.ColumnElement[bool]:
    """Of no case, or of one that the actor sees."""
    return sa.or_(table.c.case_id.is_(None), table.c.case_id == "", inside(actor))


def sent(connection: sa.Connection, actor: Actor, show: str, before: datetime, limit: int,
         offset: int = 0) -> list[sa.Row[Any]]:
    """What was sent, the oldest first: ``dead``, ``missing`` (a receipt), ``open``; or ``done``, the newest first."""
    where = {"dead": sa.and_(_out.c.state == "dead", _out.c.decided_at.is_(None)), "missing": _missing(before),
             "open": _out.c.decided_at.is_(None), "done": _out.c.decided_at.is_not(None)}[show]
    order = _out.c.decided_at.desc() if show == "done" else _out.c.created_at
    return list(connection.execute(_with_case(_out, actor).where(where).order_by(order, _out.c.id)
                                   .limit(limit).offset(offset)))


def entry(connection: sa.Connection, actor: Actor, key: str) -> sa.Row[Any] | None:
    return connection.execute(_with_case(_out, actor).where(_out.c.id == key)).one_or_none()


def came(connection: sa.Connection, actor: Actor, limit: int) -> list[sa.Row[Any]]:
    """What came in and waits for a person, the oldest first."""
    return list(connection.execute(_with_case(_in, actor).where(OPEN)
                                   .order_by(_in.c.received_at, _in.c.message_id).limit(limit)))


def message(connection: sa.Connection, actor: Actor, partner: str, message_id: str) -> sa.Row[Any] | None:
    return connection.execute(_with_case(_in, actor).add_columns(_case.c.level).where(
        _in.c.partner == partner, _in.c.message_id == message_id)).one_or_none()


def cases_waiting(connection: sa.Connection, actor: Actor, name: str, limit: int) -> list[sa.Row[Any]]:
    """Cases the actor sees that wait for a message of this name, for choosing one."""
    wait = s.subscription
    return list(connection.execute(
        sa.select(_case.c.id, _case.c.case_no, _case.c.title, wait.c.key, wait.c.opened_at)
        .join(wait, wait.c.case_id == _case.c.id)
        .where(wait.c.kind == "message", wait.c.name == name, wait.c.message_id.is_(None), inside(actor),
               _case.c.state == "active").order_by(wait.c.opened_at.desc()).limit(limit)))


def hidden(connection: sa.Connection, actor: Actor, keys: Collection[str]) -> set[str]:
    """Which of these numbers belong to cases that the actor does not see; a number of no case hides nothing."""
    known = sa.select(s.case_key.c.value).join(_case, _case.c.id == s.case_key.c.case_id)
    return set(connection.execute(known.where(s.case_key.c.value.in_(keys), ~inside(actor))).scalars())


def todo(connection: sa.Connection, actor: Actor) -> int:
    """How many messages wait for the actor: what came in and a person must decide about, and dead letters."""
    parts = (sa.select(sa.func.count()).select_from(_beside(_in)).where(OPEN, _seen(_in, actor)),
             sa.select(sa.func.count()).select_from(_beside(_out))
             .where(_out.c.state == "dead", _out.c.decided_at.is_(None), _seen(_out, actor)))
    return sum(int(connection.execute(part).scalar_one()) for part in parts)

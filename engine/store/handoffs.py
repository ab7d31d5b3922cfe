"""What the handoff board reads: how far messages have got, and what waits for a person. Each list of single messages
takes the actor and leaves out what belongs to cases the actor may not see; sums name no case."""

from __future__ import annotations

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


def standing(connection: sa.Connection) -> list[sa.Row[Any]]:
    """(partner, stage, number, oldest) of what was sent and is not settled; the stage is sent, received, accepted or
    dead, the oldest counts from when the stage was reached."""
    return list(connection.execute(
        sa.select(_out.c.partner, _STAGE.label("stage"), sa.func.count().label("number"),
                  sa.func.min(sa.type_coerce(_SINCE, s.Instant)).label("oldest"))
        .where(_out.c.decided_at.is_(None)).group_by(_out.c.partner, _STAGE)))


def settled(connection: sa.Connection, since: datetime, limit: int = 5_000) -> list[sa.Row[Any]]:
    """(partner, created_at, decided_at) of what was settled from an instant on."""
    return list(connection.execute(sa.select(_out.c.partner, _out.c.created_at, _out.c.decided_at)
                                   .where(_out.c.decided_at >= since).limit(limit)))


def overdue(connection: sa.Connection, before: datetime) -> dict[str, int]:
    """How many messages to each partner were delivered before an instant and have no business receipt."""
    rows = connection.execute(sa.select(_out.c.partner, sa.func.count()).where(_missing(before))
                              .group_by(_out.c.partner))
    return {row[0]: row[1] for row in rows}


def _missing(before: datetime) -> sa.ColumnElement[bool]:
    return sa.and_(_out.c.decided_at.is_(None), _out.c.accepted_at.is_(None), _out.c.state == "delivered",
                   _out.c.delivered_at < before)


def waiting(connection: sa.Connection) -> list[sa.Row[Any]]:
    """(partner, status, number) of what came in and waits for a person; what is late is a conflict."""
    status = sa.case((_in.c.late.is_(True), sa.literal_column("'conflict'")), else_=_in.c.status)
    return list(connection.execute(sa.select(_in.c.partner, status.label("status"), sa.func.count().label("number"))
                                   .where(OPEN).group_by(_in.c.partner, status)))


def entered(connection: sa.Connection) -> dict[str, int]:
    """How many messages on paper of each partner wait for the second person."""
    table = s.manual_message
    rows = connection.execute(sa.select(table.c.partner, sa.func.count()).where(table.c.state == "entered")
                              .group_by(table.c.partner))
    return {row[0]: row[1] for row in rows}


def _with_case(table: Any, actor: Actor) -> Any:
    """Messages with the number of their case, of cases that the actor sees; those without a case too."""
    seen = sa.or_(table.c.case_id.is_(None), table.c.case_id == "", inside(actor))
    return (sa.select(table, _case.c.case_no, _case.c.title, s.partner.c.name.label("partner_name"),
                      s.partner.c.endpoint.label("partner_endpoint"))
            .outerjoin(_case, _case.c.id == table.c.case_id)
            .outerjoin(s.partner, s.partner.c.code == table.c.partner).where(seen))


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


def sees_key(connection: sa.Connection, actor: Actor, key: str) -> bool:
    """Whether the actor sees every case that is known by a number; a number of no case hides nothing."""
    known = sa.exists().where(s.case_key.c.case_id == _case.c.id, s.case_key.c.value == key)
    hidden = sa.select(_case.c.id).where(known, ~inside(actor)).limit(1)
    return not key or connection.execute(hidden).first() is None


def todo(connection: sa.Connection) -> int:
    """How many things of the wire wait for a person."""
    parts = (sa.select(sa.func.count()).select_from(_in).where(OPEN),
             sa.select(sa.func.count()).select_from(_out).where(_out.c.state == "dead", _out.c.decided_at.is_(None)),
             sa.select(sa.func.count()).select_from(s.manual_message).where(s.manual_message.c.state == "entered"))
    return sum(int(connection.execute(part).scalar_one()) for part in parts)


def refused_files(connection: sa.Connection, partner: str, message_id: str) -> int:
    table = s.inbound_file
    return int(connection.execute(sa.select(sa.func.count()).select_from(table).where(
        table.c.partner == partner, table.c.message_id == message_id, table.c.state == "refused")).scalar_one())

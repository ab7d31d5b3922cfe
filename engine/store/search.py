"""Finding cases: by a number however it is written, by what their title and parties are called, by where they stand.

Numbers are kept without what people write differently (``domain.search_terms``). Texts are found by pairs of
characters, kept as keyed digests for every level alike (``store.case_words``): PostgreSQL's wheel has no pg_trgm, its
full-text search does not split Chinese, and SQLite's trigrams miss words of two characters. The rarest pair is read
from the index, newest case first; the others are asked of each case found. At most ``MOST`` cases are found, unless
more are asked for.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from engine.domain.actors import Actor
from engine.domain.search_terms import Terms
from engine.store import schema as s
from engine.store.cases import STARTED
from engine.store.database import insert_new
from engine.store.prepared import Prepared
from engine.store.sights import listed, oversees, related_to

MOST = 1_000
_PROBED = 8
"""Pairs of a text whose frequency is looked at; a longer text is rare enough by any eight of its pairs."""
_FREQUENT = 20_000
"""Frequencies are counted up to here."""
_MANY = 5_000
"""Who oversees no cases has rarely more: of a more frequent pair one's own cases are asked instead."""

_case, _word, _number = s.case, s.case_word, s.search_number


@dataclass(frozen=True, slots=True)
class Wanted:
    """``terms``: what was typed; ``stage``, ``process``, ``state``: exactly; ``overdue``: a deadline has passed."""

    terms: Terms | None = None
    stage: str = ""
    process: str = ""
    state: str = ""
    overdue: bool = False


def found(connection: sa.Connection, actor: Actor, wanted: Wanted, now: datetime, most: int = MOST) -> list[str]:
    """Ids of the cases that are found and that the actor may see, the newest first."""
    terms = wanted.terms
    if terms is None:
        return _ids(connection, _seen(actor, wanted, now, None), most)
    if terms.numbers:
        known = _ids(connection, _seen(actor, wanted, now, _numbered(terms)), most)
        if known or not terms.words:
            return known
    if not terms.words:
        return []
    return _ids(connection, _seen(actor, wanted, now, _worded(connection, actor, terms.words)), most)


def rows(connection: sa.Connection, ids: Sequence[str]) -> list[sa.Row[Any]]:
    """Cases that were found, in that order, without their execution state."""
    if not ids:
        return []
    columns = [column for column in _case.c if column.name != "execution"]
    known = {row.id: row for row in connection.execute(sa.select(*columns).where(_case.c.id.in_(list(ids))))}
    return [known[key] for key in ids if key in known]


def at_level(connection: sa.Connection, ids: Sequence[str], level: str) -> frozenset[str]:
    """Those of some cases that are at a level."""
    return frozenset(connection.execute(sa.select(_case.c.id).where(
        _case.c.id.in_(list(ids)), _case.c.level == level)).scalars())


def _ids(connection: sa.Connection, statement: sa.Select[Any], most: int) -> list[str]:
    return list(connection.execute(statement.limit(most)).scalars())


def _seen(actor: Actor, wanted: Wanted, now: datetime, matching: sa.Select[Any] | None) -> sa.Select[Any]:
    """Newest first: ids of cases are in the order of time."""
    if matching is not None:
        statement = matching
    elif oversees(actor):
        statement = sa.select(_case.c.id)
    else:
        related = related_to(actor)
        statement = sa.select(_case.c.id).join(related, related.c.case_id == _case.c.id)
    statement = statement.where(listed(actor))
    for column, value in ((_case.c.stage, wanted.stage), (_case.c.process_id, wanted.process),
                          (_case.c.state, wanted.state)):
        if value:
            statement = statement.where(column == value)
    if wanted.overdue:
        statement = statement.where(sa.exists().where(
            s.deadline.c.case_id == _case.c.id, s.deadline.c.state == "running", s.deadline.c.due_at <= now,
            s.deadline.c.internal.is_(False)).correlate(_case))
    return statement.order_by(statement.selected_columns[0].desc())


def _numbered(terms: Terms) -> sa.Select[Any]:
    """``typed`` as it is, too: what was numbered before numbers were kept for searching."""
    matching = sa.union(sa.select(_number.c.case_id.label("case_id")).where(_number.c.number.in_(terms.numbers)),
                        sa.select(_case.c.id).where(_case.c.case_no == terms.typed)).subquery()
    return sa.select(_case.c.id).join(matching, matching.c.case_id == _case.c.id)


def _worded(connection: sa.Connection, actor: Actor, words: Sequence[str]) -> sa.Select[Any]:
    """The rarest pair leads; the others must be there too."""
    counted = _by_rarity(connection, words)
    (count, rarest), others = counted[0], [word for _, word in counted[1:]]
    if count > _MANY and not oversees(actor):
        related = related_to(actor)
        statement = sa.select(_case.c.id).join(related, related.c.case_id == _case.c.id)
        return _holding(statement, related.c.case_id, [rarest, *others])
    statement = sa.select(_word.c.case_id).join(_case, _case.c.id == _word.c.case_id).where(_word.c.word == rarest)
    return _holding(statement, _word.c.case_id, others)


def _holding(statement: sa.Select[Any], case_id: Any, words: Sequence[str]) -> sa.Select[Any]:
    for word in words:
        other = _word.alias()
        statement = statement.where(sa.exists().where(
            other.c.case_id == case_id, other.c.word == word).correlate(case_id.table))
    return statement


def _by_rarity(connection: sa.Connection, words: Sequence[str]) -> list[tuple[int, str]]:
    """(how frequent, pair) of some of the pairs, the rarest first."""
    probed = words[:_PROBED]
    columns = []
    for place, word in enumerate(probed):
        some = sa.select(sa.literal(1).label("one")).where(_word.c.word == word).limit(_FREQUENT).subquery()
        columns.append(sa.select(sa.func.count()).select_from(some).scalar_subquery().label(f"n{place}"))
    return sorted(zip(connection.execute(sa.select(*columns)).one(), probed, strict=True))


def keep_numbers(connection: sa.Connection, case_id: str, numbers: Collection[str]) -> None:
    """Remember by which numbers a case is found; it does not lose one."""
    _KEEP.run(connection, [{"case_id": case_id, "number": number} for number in sorted(numbers)])


_KEEP = Prepared(insert_new(_number))


# --- written anew -----------------------------------------------------------------------------------------------------
def locked_after(connection: sa.Connection, after: str, limit: int) -> Sequence[Any]:
    """Cases that have their content, by id, locked in that order."""
    return connection.execute(
        sa.select(_case.c.id, _case.c.case_no, _case.c.title, _case.c.parties)
        .where(_case.c.id > after, _case.c.purged_at.is_(None)).order_by(_case.c.id).limit(limit)
        .with_for_update()).all()


def numbers_known(connection: sa.Connection, ids: Sequence[str]) -> dict[str, list[str]]:
    """By which numbers of other bodies some cases have become known."""
    key, found = s.case_key, dict[str, list[str]]()
    for row in connection.execute(sa.select(key.c.case_id, key.c.value).where(
            key.c.case_id.in_(list(ids)), ~key.c.name.startswith(STARTED))):
        found.setdefault(row.case_id, []).append(row.value)
    return found


def replace(connection: sa.Connection, wanted: Mapping[str, tuple[Collection[str], Collection[str]]]) -> None:
    """Case → (words, numbers) that it is found by, in place of what was kept."""
    for table, column, place in ((_word, "word", 0), (_number, "number", 1)):
        connection.execute(table.delete().where(table.c.case_id.in_(list(wanted))))
        rows = [{"case_id": case, column: item} for case, kept in wanted.items() for item in sorted(kept[place])]
        if rows:
            connection.execute(table.insert(), rows)

"""What cases are found by, written anew from the cases: after a restore without it, or when its rules have changed."""

from __future__ import annotations

from dataclasses import dataclass

from engine.domain.confidential import words_of
from engine.domain.search_terms import numbers_of
from engine.services.context import Context, Outcome
from engine.store import search

BATCH = 500


@dataclass(frozen=True, slots=True)
class RebuildSearch:
    """``after``: the case that was done last, or nothing for the beginning; ``limit``: how many in this step."""

    after: str = ""
    limit: int = BATCH


def rebuild(context: Context, command: RebuildSearch) -> Outcome:
    """The next cases in the order of their ids. Each is locked while its words and numbers are replaced, so that it
    may be worked on before and after, and is found all the while. What was destroyed stays so.

    Answers ``{"cases": how many, "last": the id to go on after, or None when there is no further one}``.
    """
    rows = search.locked_after(context.connection, command.after, command.limit)
    known = search.numbers_known(context.connection, [row.id for row in rows])
    search.replace(context.connection, {row.id: (
        words_of(row.title, row.parties), numbers_of(row.case_no or "", *known.get(row.id, ()))) for row in rows})
    return {"cases": len(rows), "last": rows[-1].id if len(rows) == command.limit else None}

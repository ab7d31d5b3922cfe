"""What cases are found by beside their numbers: pairs of letters of their title and parties, as keyed digests, so that
the table tells nobody what an unpublished application is called. The same for every level: at publication nothing has
to be written anew."""

from __future__ import annotations

import sqlalchemy as sa

from engine.domain.confidential import words_of
from engine.store.cases import CaseRow
from engine.store.prepared import Prepared
from engine.store.schema import case_word

_FORGET = Prepared(case_word.delete().where(case_word.c.case_id == sa.bindparam("of_case")))
_KEEP = Prepared(case_word.insert())


def keep(connection: sa.Connection, row: CaseRow) -> None:
    """What a case is found by, in place of what it was found by before."""
    _FORGET.run(connection, [{"of_case": row.id}])
    _KEEP.run(connection, [{"case_id": row.id, "word": word} for word in sorted(words_of(row.title, row.parties))])

"""The list of cases as a file (CSV): by right, row by row what the list shows its reader, and never an unpublished
application (DOMAIN §5.3: no bulk export). Each export, and each that was refused, is on record in the access chain.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256

from engine.clock import Clock
from engine.domain.actors import Actor
from engine.domain.confidential import UNPUBLISHED
from engine.domain.permissions import may
from engine.errors import NotAllowed
from engine.services.views.inbox import found_cases
from engine.services.views.models import CaseRowView
from engine.services.views.queries import Views
from engine.services.views.witness import Witness
from engine.store import search
from engine.store.database import Database
from engine.store.schema import encode_json

RIGHT = "case.export"
MOST = 10_000
"""Cases in one file, the newest; whoever wants others narrows the search."""
MEDIA = "text/csv"
_BATCH = 200
_BOM = "\ufeff"
"""So that spreadsheets take the file for UTF-8."""
_FORMULA = frozenset("=+-@\t\r\n＝＋－＠")
"""How a cell begins that a spreadsheet would compute (OWASP, CSV injection)."""


@dataclass(frozen=True, slots=True)
class CaseExport:
    """``count`` rows; ``withheld``: unpublished applications that are left out; ``more``: there are further ones."""

    count: int
    withheld: int
    more: bool
    rows: Iterator[CaseRowView]


class Exports:
    """Wired by ``house``."""

    def __init__(self, database: Database, clock: Clock, views: Views, witness: Witness) -> None:
        self._database = database
        self._clock = clock
        self._views = views
        self._witness = witness

    def cases(self, actor: Actor, text: str, filters: Mapping[str, str]) -> CaseExport:
        """What a search finds. On record before the first row leaves. Raises ``NotAllowed``."""
        asked = sha256(encode_json({**filters, "q": text}).encode()).hexdigest()
        if not may(actor, RIGHT):
            self._witness(actor, "ExportCases", {"query_sha256": asked, "refused": NotAllowed.code})
            raise NotAllowed(actor=actor.id, right=RIGHT)
        with self._database.reading() as connection:
            found = found_cases(connection, actor, {**filters, "q": text}, self._clock.now(), MOST + 1)
            kept = found[:MOST]
            secret = {key for part in _parts(kept) for key in search.at_level(connection, part, UNPUBLISHED)}
        ids = [key for key in kept if key not in secret]
        more = len(found) > MOST
        self._witness(actor, "ExportCases", {"query_sha256": asked, "count": len(ids), "withheld": len(secret),
                                             "more": more})
        return CaseExport(len(ids), len(secret), more, self._rows(actor, ids))

    def _rows(self, actor: Actor, ids: Sequence[str]) -> Iterator[CaseRowView]:
        """A part at a time, each read by itself: a slow reader holds no connection."""
        for part in _parts(ids):
            with self._database.reading() as connection:
                rows = self._views.case_rows(connection, actor, part)
            yield from rows


def written(head: Sequence[str], lines: Iterable[Sequence[object]]) -> Iterator[bytes]:
    """CSV (RFC 4180) in UTF-8 with a byte order mark, a part at a time; no cell is a formula."""
    buffer = io.StringIO()
    buffer.write(_BOM)
    writer = csv.writer(buffer)
    writer.writerow(map(cell, head))
    for count, line in enumerate(lines, 1):
        writer.writerow(map(cell, line))
        if count % _BATCH == 0:
            yield _taken(buffer)
    yield _taken(buffer)


def cell(value: object) -> str:
    """A value as a spreadsheet is to show it, and not compute it."""
    text = "" if value is None else str(value)
    return f"'{text}" if text[:1] in _FORMULA else text


def _taken(buffer: io.StringIO) -> bytes:
    content = buffer.getvalue().encode()
    buffer.seek(0)
    buffer.truncate()
    return content


def _parts(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    return (ids[start:start + _BATCH] for start in range(0, len(ids), _BATCH))

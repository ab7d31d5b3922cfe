"""``case.number``: give a case its number from a gapless series of the year."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.domain.case_numbers import format_case_no
from engine.errors import Conflict
from engine.services.operations import OperationCall
from engine.store import records


def number_case(call: OperationCall) -> Mapping[str, Any]:
    """Inputs ``series`` (YS, WX, …) and, where the series has kinds, ``kind``. Output ``case_no``."""
    if call.case.case_no is not None:
        raise Conflict(action="number", noun="case", key=call.case.case_no, state="numbered")
    series, kind = call.text("series"), call.variables.get("kind")
    year = call.context.today.year
    counter = f"{series}-{kind}" if isinstance(kind, str) else series
    number = records.next_number(call.context.database, call.context.connection, counter, year)
    call.case.case_no = format_case_no(series, year, number, kind=kind if isinstance(kind, str) else None)
    return {"case_no": call.case.case_no}

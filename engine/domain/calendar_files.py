"""The yearly notice of the State Council as a file: TOML as in ``bpmn/calendars/``, or CSV as offices keep it.

CSV: UTF-8 with a header ``day,kind,name_zh,name_en``; ``kind`` is ``rest`` (放假), ``shifted`` (移用的周休息日)
or ``makeup`` (调休上班); one line a day, all of one year.
"""

import csv
import io
from collections.abc import Iterable
from typing import Any

from engine.domain.calendar import ONE_DAY, BusinessCalendar, parse_calendar, read_calendar
from engine.domain.period_request import parse_day
from engine.errors import InvalidInput, Phrase

HEADER = ("day", "kind", "name_zh", "name_en")
KINDS = ("rest", "shifted", "makeup")


def read_year(text: str, source: str) -> BusinessCalendar:
    """One year's calendar from a file's text; the ending of ``source`` tells the format.

    Raises ``InvalidInput`` saying file, place and what was expected.
    """
    return _from_csv(text, source) if source.lower().endswith(".csv") else parse_calendar(text, source)


def _from_csv(text: str, source: str) -> BusinessCalendar:
    reader = csv.DictReader(io.StringIO(text.removeprefix("\ufeff")))
    if tuple(reader.fieldnames or ()) != HEADER:
        found = ",".join(reader.fieldnames or ()) or "nothing"
        raise InvalidInput(expected=Phrase("the header {names}", names=','.join(HEADER)),
                           found=found, where=Phrase("{source}, line 1", source=source))
    lines = [_line(row, f"{source}, line {number}") for number, row in enumerate(reader, 2)]
    years = sorted({line["day"].year for line in lines})
    if len(years) != 1:
        found = ", ".join(map(str, years)) or "none"
        raise InvalidInput(expected="days of exactly one year", found=found, where=source)
    return read_calendar({"year": years[0], "holidays": list(_blocks(lines))}, source)


def _line(row: dict[str, Any], where: str) -> dict[str, Any]:
    if any(not isinstance(row.get(name), str) or not row[name].strip() for name in HEADER) or None in row:
        raise InvalidInput(expected=Phrase("a value for each of {names}", names=', '.join(HEADER)),
                           found=repr(dict(row)), where=where)
    if row["kind"].strip() not in KINDS:
        raise InvalidInput(expected=Phrase("one of {names}", names=', '.join(KINDS)),
                           found=repr(row["kind"]), where=Phrase("{where}, kind", where=where))
    return {"day": parse_day(row["day"].strip(), f"{where}, day"), "kind": row["kind"].strip(),
            "name": {"zh": row["name_zh"].strip(), "en": row["name_en"].strip()}}


def _blocks(lines: Iterable[dict[str, Any]]) -> Iterable[dict[str, Any]]:
    """The blocks of the TOML form: runs of free days of one holiday; make-up days by themselves."""
    block: dict[str, Any] | None = None
    for line in sorted(lines, key=lambda one: one["day"]):
        day, kind, name = line["day"], line["kind"], line["name"]
        if kind == "makeup":
            yield {"name": name, "makeup": [day]}
            continue
        if block is None or block["name"] != name or block["last"] + ONE_DAY != day:
            if block is not None:
                yield block
            block = {"name": name, "first": day, "last": day, "shifted": []}
        block["last"] = day
        if kind == "shifted":
            block["shifted"].append(day)
    if block is not None:
        yield block

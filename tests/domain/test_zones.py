"""What the law's days are does not depend on where the machine stands or what language it speaks: periods, deadlines,
and full-width or half-width digits come out alike under any TZ and locale."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from tests.architecture.source import ROOT

SCRIPT = """
import json, time
from datetime import date, datetime, timezone
time.tzset()
from engine.clock import local_date
from engine.domain.calendar import shipped_calendar
from engine.domain.deadlines import compute_deadline
from engine.domain.periods import due_at
from engine.domain.rule_reader import shipped_rules
from engine.domain.search_terms import numbers_of
rules, calendar = shipped_rules(), shipped_calendar()
found = []
for day in (date(2026, 2, 13), date(2026, 3, 8), date(2026, 11, 1), date(2025, 12, 31)):
    for key in ("dl.cnipa.oaN", "dl.inv.answer", "dl.med.appoint", "dl.pre.correct"):
        one = compute_deadline(rules, calendar, key, day, {"kind": "invention"})
        found.append([key, one.due_on.isoformat(), one.due_at.isoformat()])
instants = [datetime(2026, 3, 8, hour, tzinfo=timezone.utc) for hour in (2, 7, 15, 16, 17)]
print(json.dumps([found, [local_date(one).isoformat() for one in instants], due_at(date(2026, 3, 8)).isoformat(),
                  sorted(numbers_of("ＴＪ－２０２６－０００４２", "TJ-2026-00042"))], default=str, ensure_ascii=True))
"""


def said(**environment: str) -> object:
    run = subprocess.run([sys.executable, "-c", SCRIPT], cwd=ROOT, capture_output=True, timeout=60, check=False,
                         env={**os.environ, "PYTHONPATH": str(ROOT), **environment})
    assert run.returncode == 0, run.stderr.decode()
    return json.loads(run.stdout)


@pytest.mark.parametrize("zone", ["America/New_York", "Asia/Shanghai", "Pacific/Kiritimati"])
def test_no_zone_and_no_locale_moves_a_legal_day(zone: str) -> None:
    here = said(TZ="UTC", LC_ALL="C.UTF-8")
    assert said(TZ=zone, LC_ALL="C") == here
    assert isinstance(here, list) and len(here[3]) == 1, "Expected one number, in whatever width it is written"

"""A deadline says in one sentence why it falls on its day, and in its full formula how each line came about."""

import re
from datetime import date

import pytest

from engine.domain.calendar import shipped_calendar
from engine.domain.period_texts import TEMPLATES, Step
from engine.domain.period_words import why
from engine.domain.periods import Interruption, Length, Pause, PeriodRequest, Profile, Unit, compute

CALENDAR = shipped_calendar()
ISO = re.compile(r"\d{4}-\d\d-\d\d")


def said(language="zh", starts=("受理", "acceptance"), **request):
    request = {"profile": Profile.CIVIL, "makeup_is_workday": True, **request}
    period = compute(PeriodRequest(**request), CALENDAR)
    return why({"starts": {"zh": starts[0], "en": starts[1]},
                "steps": [step.as_record() for step in period.steps]}, language)


@pytest.mark.parametrize(("zh", "en", "request_of"), [
    ("9月8日受理＋30 日＝10月8日", "8 Sep (acceptance) + 30 days = 8 Oct",
     {"event_on": date(2026, 9, 8), "length": Length(30, Unit.DAY)}),
    ("2月27日受理＋10 个工作日＝3月12日", "27 Feb (acceptance) + 10 working days = 12 Mar",
     {"event_on": date(2026, 2, 27), "length": Length(10, Unit.WORKDAY), "profile": Profile.WORKDAY}),
    ("1月1日受理＋1 个月＝2月1日，逢周休息日，顺延至2月2日",
     "1 Jan (acceptance) + 1 month = 1 Feb, a weekly rest day, so moved to 2 Feb",
     {"event_on": date(2026, 1, 1), "length": Length(1, Unit.MONTH)}),
    ("2025年12月17日受理＋1 个月＝2026年1月17日，逢周休息日，顺延至2026年1月19日",
     "17 Dec 2025 (acceptance) + 1 month = 17 Jan 2026, a weekly rest day, so moved to 19 Jan 2026",
     {"event_on": date(2025, 12, 17), "length": Length(1, Unit.MONTH)}),
    ("9月8日受理＋15 日＝9月23日，鉴定停 5 日，至9月28日",
     "8 Sep (acceptance) + 15 days = 23 Sep, 鉴定: 5 days not counted, to 28 Sep",
     {"event_on": date(2026, 9, 8), "length": Length(15, Unit.DAY),
      "pauses": (Pause(date(2026, 9, 10), date(2026, 9, 15), "鉴定"),)}),
    ("9月8日受理，9月10日起重新计算＋15 日＝9月25日，逢中秋节，顺延至9月28日",
     "8 Sep (acceptance), anew from 10 Sep + 15 days = 25 Sep, Mid-autumn Festival, so moved to 28 Sep",
     {"event_on": date(2026, 9, 8), "length": Length(15, Unit.DAY),
      "interruptions": (Interruption(date(2026, 9, 10), "起诉"),)}),
])
def test_one_sentence(zh, en, request_of):
    assert said(**request_of) == zh
    assert said("en", **request_of) == en


def test_what_the_law_presumes_is_said():
    told = said(event_on=date(2026, 9, 8), length=Length(1, Unit.MONTH), profile=Profile.CNIPA, delivery="cnipa.post")
    assert told.startswith("9月8日发文，推定9月23日送达＋1 个月＝10月23日")


@pytest.mark.parametrize("code", TEMPLATES)
def test_no_line_for_people_holds_a_date_for_programs(code):
    params = dict.fromkeys(re.findall(r"\{(\w+)\}", "".join(TEMPLATES[code])), "2026-02-24")
    plain = {name: value for name, value in (("unit", "day"), ("count", 3)) if name in params}
    step = Step(code, {**params, **plain}, "民事诉讼法85")
    for language in ("zh", "en"):
        assert not ISO.search(step.spoken(language, article=True))
        assert not ISO.search(why({"steps": [step.as_record()]}, language))

"""Both languages are complete, and dates are said as people say them."""

import re
from datetime import UTC, date, datetime
from gettext import GNUTranslations
from pathlib import Path

import pytest
from flask import Flask, session

from engine.domain.forms import Problem
from engine.errors import Conflict, KapokError, NotFound
from engine.ui import i18n, lamps, texts
from tests.ui import catalogue
from tests.ui.fakes import FakeServices, deadline, make_app

HAN = re.compile(r"[\u3400-\u9fff]+")
TEMPLATES = sorted((Path(i18n.__file__).parent / "templates").glob("*.html"))


@pytest.fixture(params=["zh", "en"])
def language(request):
    """A request in one language; gives its tag."""
    app: Flask = make_app(FakeServices())
    with app.test_request_context("/"):
        session["language"] = request.param
        yield request.param


def test_every_text_is_translated_and_none_is_left_over():
    known = {message.id: message.string for message in catalogue.read() if message.id}
    marked = {message.id for message in catalogue.extracted() if message.id}
    assert sorted(marked - known.keys()) == []
    assert sorted(known.keys() - marked) == []
    assert [name for name, text in known.items() if not text or HAN.search(text)] == []


def test_translations_keep_the_places_of_values():
    places = re.compile(r"%\(\w+\)s|\{\w+\}")
    pairs = [(message.id, message.string) for message in catalogue.read() if message.id]
    assert [old for old, new in pairs if sorted(places.findall(old)) != sorted(places.findall(new))] == []


def test_the_compiled_catalogue_is_up_to_date():
    with catalogue.MO.open("rb") as stream:
        compiled = GNUTranslations(stream)
    assert [m.id for m in catalogue.read() if m.id and compiled.gettext(m.id) != m.string] == []


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_no_chinese_stands_outside_a_marked_text(path):
    text = re.sub(r"_\('[^']*'|\{#.*?#\}", "", path.read_text(), flags=re.DOTALL)
    assert HAN.findall(text) == []


def test_days(language):
    said = {"zh": ("2026年2月24日（周二）", "2月24日 周二", "2025年12月31日"),
            "en": ("Tue 24 Feb 2026", "Tue 24 Feb", "31 Dec 2025")}
    today = date(2026, 3, 1)
    assert (i18n.day(date(2026, 2, 24)), i18n.short_day(date(2026, 2, 24), today),
            i18n.short_day(date(2025, 12, 31), today)) == said[language]


def test_an_instant_is_said_in_beijing_time(language):
    late = datetime(2026, 2, 24, 17, 30, tzinfo=UTC)
    assert i18n.day(late) == {"zh": "2026年2月25日（周三）", "en": "Wed 25 Feb 2026"}[language]
    assert i18n.moment(late, date(2026, 2, 25)) == {"zh": "今天 01:30", "en": "today 01:30"}[language]
    assert i18n.moment(late, date(2026, 3, 1)) == {"zh": "2月25日 01:30", "en": "25 Feb 01:30"}[language]
    assert i18n.moment(late, date(2027, 3, 1)) == {"zh": "2026年2月25日", "en": "25 Feb 2026"}[language]


@pytest.mark.parametrize(("changes", "lamp"), [
    ({"workdays_left": -1}, "late"), ({"workdays_left": 0}, "soon"), ({"workdays_left": 7}, "soon"),
    ({"workdays_left": 8}, "ok"), ({"workdays_left": 12, "workdays_total": 60}, "soon"),
    ({"workdays_left": 13, "workdays_total": 60}, "ok"), ({"workdays_left": 30, "provisional": True}, "prov"),
    ({"workdays_left": None, "state": "paused"}, "hold"), ({"state": "met", "workdays_left": None}, "ok"),
    ({"state": "expired", "workdays_left": None}, "late"), ({"state": "cancelled"}, "none"),
])
def test_lamps(language, changes, lamp):
    assert lamps.of(deadline(**changes))[0] == lamp


@pytest.mark.parametrize(("left", "zh", "en"), [
    (6, "剩 6 个工作日", "6 working days left"), (0, "今日到期", "Due today"),
    (-3, "逾期 3 个工作日", "3 working days overdue"),
])
def test_days_left_in_words(language, left, zh, en):
    assert lamps.left(deadline(workdays_left=left)) == (zh if language == "zh" else en)


def test_errors_and_problems_are_said_in_the_readers_language(language):
    lost = texts.error(NotFound(noun="case", key="YS-1"))
    assert lost.startswith({"zh": "找不到“YS-1”", "en": "“YS-1” was not found"}[language])
    assert "YS-1" in texts.error(Conflict(action="x", noun="task", key="YS-1", state="completed"))
    long = texts.problem(Problem("x", "too_long", {"max": 5}))
    assert long == {"zh": "最多填写 5 个字。", "en": "At most 5 characters."}[language]
    assert texts.problem(Problem("x", "pattern", {"pattern": "a", "message": "形如 CN1"})) == "形如 CN1"


def test_an_error_nobody_put_into_words_still_says_what_happened(language):
    class OddError(KapokError):
        """Expected the moon, but found {found}."""

        code = "odd"

    assert "Expected the moon, but found cheese." in texts.error(OddError(found="cheese"))


def test_every_problem_a_form_can_have_has_words():
    source = (Path(i18n.__file__).parents[1] / "domain" / "form_values.py").read_text()
    codes = set(re.findall(r'Refused\("(\w+)"', source)) | {"not_integer", "too_many_decimals"}
    codes |= {"unknown_field", "not_rows", "not_date", "not_time", "not_datetime", "not_object"}
    assert codes <= texts.PROBLEMS.keys()


def test_every_incident_has_words(language):
    raised = {code for path in Path("engine/execution").glob("*.py")
              for code in re.findall(r'(?:Fault\(|report\([^"\[]*)"([a-z_]+)",', path.read_text("utf-8"))}
    assert {"expression", "timer", "job_failed", "no_matching_flow"} <= raised <= texts.INCIDENTS.keys()
    assert texts.incident("expression") == {
        "zh": "流程中的算式没有得出所需的值。",
        "en": "A formula of the process did not give the value that is needed."}[language]

"""The shipped rule table is whole, and a deadline says which rule made it and why."""

import copy
import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from engine.domain.calendar import shipped_calendar
from engine.domain.deadline_functions import FEEL_NAMES, DeadlineInstant, feel_functions
from engine.domain.deadlines import (
    Extension,
    compute_deadline,
    lamp,
    parse_rules,
    shipped_rules,
    workdays_left,
)
from engine.domain.periods import Interruption, Length, Pause, Profile, Unit
from engine.errors import InvalidInput
from engine.feel import compile_expression

TABLE, CALENDAR = shipped_rules(), shipped_calendar()
ANY_CASE = {"kind": "invention", "source": "own", "track": "simple"}
KEYS = """
dl.pre.correct dl.pre.first_opinion dl.pre.answer dl.pre.explain dl.pre.file_window dl.pre.fee dl.pre.fast_answer
dl.cnipa.oa1 dl.cnipa.oaN dl.cnipa.register dl.cnipa.reexam dl.cnipa.restore
dl.inv.fee dl.inv.correct dl.inv.supplement dl.inv.answer dl.inv.transfer dl.inv.hearing_reply dl.inv.publish dl.inv.sue
dl.inv.suspend_max dl.inv.host_slots dl.inv.cycle dl.reexam.notice dl.reexam.hearing
dl.adj.file dl.adj.serve dl.adj.defence dl.adj.forward dl.adj.hearing_notice dl.adj.close dl.adj.sue dl.joint.answer
dl.med.confirm dl.med.appoint dl.med.invite dl.med.term dl.med.admin dl.med.confirm_apply dl.court.confirm_accept
dl.court.confirm_decide dl.confirm.party_objection dl.confirm.third_objection dl.enforce dl.notary dl.appraise.accept
dl.appraise.term dl.limitation
dl.sp.apply dl.sp.publicity dl.sp.arrive dl.sp.monthly dl.sp.midterm dl.sp.term
dl.recuse.decide dl.tm.refusal_review dl.tm.opposition dl.arb.set_aside
"""


def deadline(key, from_on, variables=ANY_CASE, **more):
    return compute_deadline(TABLE, CALENDAR, key, date.fromisoformat(from_on), variables, **more)


def due(*arguments, **more):
    return deadline(*arguments, **more).due_on.isoformat()


# The shipped table ----------------------------------------------------------------------------------------------------


def test_every_deadline_of_the_domain_is_in_the_table():
    assert set(KEYS.split()) <= set(TABLE.versions)


@pytest.mark.parametrize("key", sorted(TABLE.versions))
def test_every_rule_computes_explains_itself_and_can_be_stored(key):
    for version in TABLE.versions_of(key):
        start = (version.effective_from or date(2024, 9, 12)).isoformat()
        found = deadline(key, start)
        record = json.loads(json.dumps(found.as_record(), ensure_ascii=False))
        assert record["due_on"] == found.due_on.isoformat()
        assert found.rule_version == version.version
        assert found.basis and {one.mark for one in found.basis} <= {"a", "b", "c"}
        for language in ("zh", "en"):
            assert found.consequence.text(language) and found.rule.starts.text(language)
            assert all(step.text(language) for step in found.period.steps)


def test_local_rules_are_marked_local():
    assert {one.mark for one in TABLE.versions_of("dl.pre.answer")[0].basis} == {"c"}
    assert TABLE.parameter("max_rounds").value == 2
    assert TABLE.parameter("max_rounds").basis[0].mark == "c"


@pytest.mark.parametrize(("variables", "length"), [
    ({"kind": "invention"}, 10), ({"kind": "utility_model"}, 7), ({"kind": "design"}, 5),
    ({"kind": "invention", "green": True}, 5), ({"kind": "utility_model", "green": True}, 4),  # 3.5 is rounded up
    ({"kind": "design", "green": True}, 3), ({"kind": "design", "green": False}, 5),
    ({"kind": "design", "green": None}, 5),
])
def test_length_by_kind_and_green_channel(variables, length):
    assert TABLE.rule("dl.pre.first_opinion", date(2026, 3, 2), variables).length == Length(length, Unit.WORKDAY)


@pytest.mark.parametrize(("variables", "length"), [
    ({"source": "pre_filing"}, 30), ({"source": "委派"}, 30), ({"source": "委托", "procedure": "普通"}, 15),
    ({"source": "post_filing", "procedure": "summary"}, 7), ({"source": "own", "track": "complex"}, 45),
])
def test_mediation_term_by_source(variables, length):
    assert TABLE.rule("dl.med.term", date(2026, 3, 2), variables).length.count == length


def test_a_length_named_in_the_notice_replaces_the_usual_one():
    assert due("dl.inv.hearing_reply", "2026-03-02") == "2026-03-09"
    over_weekend = {"hearing_reply_days": Decimal(5)}
    assert due("dl.inv.hearing_reply", "2026-03-02", over_weekend) == "2026-03-09"
    assert due("dl.inv.hearing_reply", "2026-03-02", {"hearing_reply_days": 4}) == "2026-03-06"
    with pytest.raises(InvalidInput, match="hearing_reply_days"):
        deadline("dl.inv.hearing_reply", "2026-03-02", {"hearing_reply_days": "soon"})


def test_the_version_in_force_on_the_start_day_governs():
    assert due("dl.arb.set_aside", "2026-02-10") == "2026-08-10"
    assert due("dl.arb.set_aside", "2026-02-28") == "2026-08-28"
    assert due("dl.arb.set_aside", "2026-03-01") == "2026-06-01"
    old, new = (deadline("dl.arb.set_aside", day) for day in ("2026-02-28", "2026-03-01"))
    assert old.rule_version != new.rule_version and old.table_version == new.table_version


def test_the_start_day_not_the_day_of_dispatch_selects_the_version():
    assert due("dl.arb.set_aside", "2026-02-20", delivery="tm.post") == "2026-06-08"


def test_the_examples_of_the_procedures():
    assert due("dl.pre.answer", "2026-03-02") == "2026-03-16"
    assert due("dl.inv.answer", "2024-03-20") == "2024-04-22"
    assert due("dl.cnipa.oa1", "2025-01-10", delivery="cnipa.post") == "2025-05-26"
    assert due("dl.adj.hearing_notice", "2025-10-13") == "2025-09-29"
    assert due("dl.adj.hearing_notice", "2025-10-13", {"case_class": "ordinary"}) == "2025-10-09"
    assert due("dl.inv.publish", "2026-03-20") == "2026-03-18"
    assert due("dl.tm.refusal_review", "2025-09-12", delivery="tm.electronic") == "2025-10-13"
    assert due("dl.tm.validity", "2015-10-02") == "2025-10-01"


# What moves a deadline ------------------------------------------------------------------------------------------------


def test_extension_within_the_law():
    month = Extension(Length(1, Unit.MONTH), date(2025, 8, 11))
    assert due("dl.cnipa.oaN", "2025-06-10", extension=month) == "2025-09-10"


@pytest.mark.parametrize(("key", "extension", "said"), [
    ("dl.inv.answer", Extension(Length(1, Unit.MONTH)), "专利法实施细则75"),
    ("dl.cnipa.oaN", Extension(Length(3, Unit.MONTH)), "at most 2 month"),
    ("dl.cnipa.oaN", Extension(Length(10, Unit.DAY)), "at most 2 month"),
    ("dl.cnipa.oaN", Extension(Length(1, Unit.MONTH), date(2025, 8, 12)), "on or before expiry on 2025-08-11"),
    ("dl.adj.sue", Extension(Length(5, Unit.DAY)), "专利法65"),
    ("dl.pre.correct", Extension(Length(5, Unit.WORKDAY)), "本地规则"),
])
def test_extension_outside_the_law_is_refused_with_the_article(key, extension, said):
    with pytest.raises(InvalidInput) as refused:
        deadline(key, "2025-06-10", extension=extension)
    assert said in refused.value.message and refused.value.params["where"] == key


def test_pause_only_where_the_rule_knows_one():
    pause = (Pause(date(2025, 6, 20), date(2025, 7, 25), "司法鉴定", "鉴定委托书"),)
    assert due("dl.med.term", "2025-06-10", {"source": "委派"}, pauses=pause) == "2025-08-14"
    with pytest.raises(InvalidInput, match="专利法实施细则116"):
        deadline("dl.inv.fee", "2025-06-10", pauses=pause)


def test_interruption_only_of_limitation():
    act = (Interruption(date(2025, 5, 20), "请求调解"),)
    assert due("dl.limitation", "2023-01-10", interruptions=act) == "2028-05-22"
    with pytest.raises(InvalidInput, match="runs? anew|run anew"):
        deadline("dl.inv.answer", "2025-05-10", interruptions=act)


def test_both_dates_where_two_rules_may_apply():
    found = deadline("dl.court.confirm_decide", "2026-03-02")
    assert (found.due_on, found.alternatives[0].due_on) == (date(2026, 3, 17), date(2026, 4, 1))
    assert "2026-04-01" in found.period.steps[-1].text("zh")
    found = deadline("dl.inv.sue", "2024-07-12")  # Saturday 12 October 2024 was made up
    assert (found.due_on, found.alternatives[0].due_on) == (date(2024, 10, 14), date(2024, 10, 12))
    assert deadline("dl.inv.sue", "2024-07-10").alternatives == ()


def test_two_limits_on_one_act():
    late = {"expired_on": "2024-04-10"}
    assert due("dl.cnipa.restore.force_majeure", "2026-03-02", late) == "2026-04-10"
    assert due("dl.cnipa.restore.force_majeure", "2026-03-02", {"expired_on": date(2025, 4, 10)}) == "2026-05-06"
    assert due("dl.cnipa.restore.force_majeure", "2026-03-02", {}) == "2026-05-06"
    assert due("dl.cnipa.fee", "2026-01-05", {"acceptance_notice_on": "2026-03-02"}) == "2026-03-17"


def test_provisional_beyond_the_calendar():
    assert deadline("dl.inv.answer", "2026-12-20").provisional
    assert not deadline("dl.inv.answer", "2026-03-20").provisional


@pytest.mark.parametrize(("key", "variables", "said"), [
    ("dl.inv.anwser", {}, "dl.inv.answer"), ("dl.pre.answer", {}, "kind"),
    ("dl.pre.answer", {"kind": "plant"}, "invention, utility_model, design"),
    ("dl.med.term", {"source": "own"}, "track"),
    ("dl.med.term", {}, "variable source"),
])
def test_unknown_keys_and_undecided_lengths_are_refused(key, variables, said):
    with pytest.raises(InvalidInput, match=said):
        deadline(key, "2026-03-02", variables)


# Lamp -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("today", "state", "workdays"), [
    ("2025-09-05", "ok", 19), ("2025-09-22", "ok", 8), ("2025-09-23", "soon", 7), ("2025-10-01", "soon", 1),
    ("2025-10-09", "soon", 0), ("2025-10-10", "late", -1), ("2025-10-11", "late", -2), ("2025-10-12", "late", -2),
])
def test_lamp_of_a_thirty_day_period(today, state, workdays):
    found = deadline("dl.med.confirm_apply", "2025-09-05")
    left = workdays_left(CALENDAR, date.fromisoformat(today), found.due_on)
    assert (lamp(left, CALENDAR.workdays_between(found.period.start_on, found.due_on)), left) == (state, workdays)


@pytest.mark.parametrize(("left", "total", "provisional", "state"), [
    (None, 20, False, "hold"), (None, 20, True, "hold"), (-1, 20, True, "late"), (7, 20, False, "soon"),
    (8, 20, False, "ok"), (8, 20, True, "prov"), (3, 20, True, "soon"), (50, 250, False, "soon"),
    (51, 250, False, "ok"),
])
def test_one_lamp_rule_what_is_near_is_amber_however_provisional(left, total, provisional, state):
    assert lamp(left, total, provisional) == state


# FEEL -----------------------------------------------------------------------------------------------------------------


def feel(text, variables=ANY_CASE, default="2026-03-02"):
    functions = feel_functions(lambda: (TABLE, CALENDAR), lambda: variables, date.fromisoformat(default))
    return compile_expression(text, FEEL_NAMES).evaluate(variables, functions=functions).value


@pytest.mark.parametrize("start", [
    "", ', "2026-03-02"', ', date("2026-03-02")', ', date and time("2026-03-02T23:59:59+08:00")',
    ', "2026-03-01T16:00:00Z"', ', "2026-03-02T01:00:00@Asia/Shanghai"', ', "2026-03-02T01:00:00"',
])
def test_deadline_in_a_diagram(start):
    found = feel(f'deadline("dl.pre.answer"{start})')
    assert found == datetime(2026, 3, 16, 16, tzinfo=UTC)
    assert found.computation.key == "dl.pre.answer" and found.computation.due_on == date(2026, 3, 16)


def test_deadline_by_named_parameters():
    assert feel('deadline(key: "dl.pre.answer", from: date("2026-03-03"))').computation.due_on == date(2026, 3, 17)


@pytest.mark.parametrize("text", [
    'deadline("dl.nothing")', 'deadline("dl.pre.answer", null)', 'deadline("dl.pre.answer", "soon")', "deadline()",
    'working days between("a", "b")', 'add working days(date("2026-03-02"), 1.5)',
    'add working days("2026-03-02", true)', 'add working days("2026-03-02", 1000000)', 'deadline("dl.pre.answer", 5)',
])
def test_what_cannot_be_computed_is_null(text):
    assert feel(text) is None


def test_working_days_in_a_diagram():
    assert feel('working days between("2025-09-30", date("2025-10-11"))') == 3
    assert feel('working days between("2025-10-11", "2025-09-30")') == -3
    assert feel('add working days(date("2025-09-30"), 3)') == date(2025, 10, 11)
    assert feel('add working days("2025-10-13", -5)') == date(2025, 9, 29)


def test_an_instant_remembers_its_computation_and_arithmetic_forgets_it():
    found = DeadlineInstant.of(deadline("dl.pre.answer", "2026-03-02"))
    assert copy.deepcopy(found).computation is copy.copy(found).computation is found.computation
    assert found - timedelta(days=1) == datetime(2026, 3, 15, 16, tzinfo=UTC)
    assert (found - timedelta(days=1)).computation is None
    assert found.isoformat() == "2026-03-16T16:00:00+00:00"


# Bad tables -----------------------------------------------------------------------------------------------------------

GOOD = """
[ladders.default]
rungs = [{ percent = 80, to = "assignee" }]

[parameters.rounds]
name = { zh = "轮次", en = "rounds" }
value = 2
basis = [{ article = "本地规则", mark = "c" }]

[[rule]]
key = "dl.a"
name = { zh = "甲", en = "A" }
length = 5
unit = "workday"
profile = "WORKDAY"
starts = { zh = "受理", en = "acceptance" }
on_expiry = { zh = "催办", en = "chase" }
basis = [{ article = "本地规则", mark = "c" }]
effective_to = 2025-12-31
"""
SECOND = GOOD[GOOD.index("[[rule]]"):].replace("effective_to = 2025-12-31", "effective_from = 2026-01-01")


def test_a_small_table_and_its_versions():
    both = GOOD + SECOND.replace("length = 5", "length = 6")
    table = parse_rules(both, "t.toml")
    assert [table.rule("dl.a", date(2025, 12, 31) + n * timedelta(1)).length.count for n in (0, 1)] == [5, 6]
    assert table.rule("dl.a", date(2026, 1, 1)).profile is Profile.WORKDAY
    assert table.version == parse_rules(f"# words\n{both}", "u.toml").version
    assert table.version != parse_rules(GOOD, "t.toml").version
    with pytest.raises(InvalidInput, match="in force"):
        parse_rules(GOOD, "t.toml").rule("dl.a", date(2026, 1, 1))


def test_a_length_that_only_the_notice_names():
    table = parse_rules(GOOD.replace("length = 5", 'named_in = "days"'), "t.toml")
    assert table.rule("dl.a", date(2025, 1, 6), {"days": 4}).length.count == 4
    with pytest.raises(InvalidInput, match="variable days"):
        table.rule("dl.a", date(2025, 1, 6))


@pytest.mark.parametrize(("old", "new", "said"), [
    ('basis = [{ article = "本地规则", mark = "c" }]\neff', "eff", "key basis"),
    ('basis = [{ article = "本地规则", mark = "c" }]\neff', "basis = []\neff", "key basis"),
    ('mark = "c" }]\neff', 'mark = "d" }]\neff', "one of a, b, c"),
    ('article = "本地规则", mark = "c" }]\neff', 'mark = "c" }]\neff', "article"),
    ("length = 5", "", "either a length or variants"),
    ("length = 5", "length = 0", "at least 1"),
    ("length = 5", "length = 5\nvariants = [{ when = {}, length = 3 }]", "both"),
    ("length = 5", "length = 5\nlenght = 6", "'lenght'"),
    ('unit = "workday"', 'unit = "month"', "WORKDAY"),
    ('unit = "workday"', 'unit = "week"', "day, month, year"),
    ('profile = "WORKDAY"', 'profile = "LUNAR"', "CNIPA"),
    ('profile = "WORKDAY"', 'profile = "WORKDAY"\ndelivery = "pigeon"', "cnipa.post"),
    ('profile = "WORKDAY"', 'profile = "WORKDAY"\ninternal = "yes"', "true or false"),
    ('profile = "WORKDAY"', 'profile = "WORKDAY"\nalso = ["dl.b"]', "dl.b"),
    ('profile = "WORKDAY"', 'profile = "WORKDAY"\nalso = "dl.b"', "a list of texts"),
    ('profile = "WORKDAY"', 'profile = "WORKDAY"\nfactors = { green = "half" }', "a factor such as"),
    ('profile = "WORKDAY"', 'profile = "WORKDAY"\nfactors = { green = -1 }', "above 0"),
    ('profile = "WORKDAY"', 'profile = "WORKDAY"\nlimits = [{ key = "dl.z", from = "x", take = "earlier" }]', "dl.z"),
    ("zh = \"受理\"", "zh = \"\"", "key starts"),
    ("effective_to = 2025-12-31", 'effective_to = "2025"', "a day such as"),
    ("effective_to = 2025-12-31", "effective_from = 2026-02-01\neffective_to = 2025-12-31", "on or after 2026-02-01"),
    ("effective_to = 2025-12-31", "", "do not overlap"),
    ("effective_to = 2025-12-31", "effective_to = 2026-01-01", "do not overlap"),
    ("value = 2", "value = [2]", "key value"),
    ('key = "dl.a"', "", "key key"),
    ("[[rule]]\nkey", "[rule]\nkey", "rule"),
    ("length = 5", "length = = 5", "TOML"),
])
def test_a_bad_table_is_refused_with_its_place(old, new, said):
    text = GOOD.replace(old, new, 1)
    with pytest.raises(InvalidInput) as refused:
        parse_rules(text if new.startswith("[rule]") or "= =" in new else text + SECOND, "t.toml")
    assert said in refused.value.message and "t.toml" in refused.value.message

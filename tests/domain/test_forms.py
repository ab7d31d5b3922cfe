"""Form values judged by the schema alone: what form-js submits passes, everything else is named."""

from decimal import Decimal

import pytest

from engine.domain import forms
from engine.domain.forms import Problem
from engine.errors import InvalidInput


def one(value, *, context=None, **component):
    """Validates one value against one component with the key ``x``; gives (clean value, problem code or None)."""
    schema = {"components": [{"key": "x", "id": "F1", **component}]}
    clean, problems = forms.validate(schema, {"x": value}, context)
    return clean.get("x"), problems[0].code if problems else None


def text(value, **rules):
    return one(value, type="textfield", validate=rules)


FILE = {"sha256": "a" * 64, "name": "权利要求书.pdf", "size": 12, "media": "application/pdf"}


@pytest.mark.parametrize(("value", "rules", "code"), [
    ("发明名称", {}, None),
    ("", {}, None),
    (None, {}, None),
    ("", {"required": True}, "required"),
    (None, {"required": True}, "required"),
    (5, {}, "not_text"),
    (["a"], {}, "not_text"),
    ("a\x00b", {}, "not_text"),
    ("\x1b[31m", {}, "not_text"),
    ("\ud800", {}, "not_text"),
    (" \n", {"required": True}, "required"),
    ("ab", {"minLength": 3}, "too_short"),
    ("abc", {"minLength": 3}, None),
    ("", {"minLength": 3}, None),
    ("abcd", {"maxLength": 3}, "too_long"),
    ("  abc  ", {"maxLength": 3}, None),
    ("𠮷", {"minLength": 2}, None),
    ("x" * 100_001, {}, "too_long"),
    ("CN2026", {"pattern": r"^CN\d{4}$"}, None),
    ("CN2026\n", {"pattern": r"^CN\d{4}$"}, "pattern"),
    ("CN２０２６", {"pattern": r"^CN\d{4}$"}, "pattern"),
    ("xCN2026", {"pattern": r"CN\d"}, None),
    ("$", {"pattern": r"^[$]$"}, None),
    ("b2", {"pattern": r"^(?<letter>b)(?=2)"}, None),
    ("name@example.com", {"validationType": "email"}, None),
    ("name@", {"validationType": "email"}, "not_email"),
    ("+862012345678", {"validationType": "phone"}, None),
    ("12345", {"validationType": "phone"}, "not_phone"),
])
def test_texts(value, rules, code):
    assert text(value, **rules)[1] == code


@pytest.mark.parametrize(("value", "component", "clean", "code"), [
    (3, {}, 3, None),
    (2.5, {}, Decimal("2.5"), None),
    (Decimal("1.10"), {"decimalDigits": 2}, Decimal("1.10"), None),
    (2.0, {"decimalDigits": 0}, 2, None),
    (2.5, {"decimalDigits": 0}, None, "not_integer"),
    (2.555, {"decimalDigits": 2}, None, "too_many_decimals"),
    (None, {}, None, None),
    (None, {"validate": {"required": True}}, None, "required"),
    (0, {"validate": {"required": True}}, 0, None),
    (True, {}, None, "not_number"),
    ("3", {}, None, "not_number"),
    ("3.50", {"serializeToString": True}, "3.50", None),
    ("NaN", {"serializeToString": True}, None, "not_number"),
    ("1e999999999", {"serializeToString": True}, None, "not_number"),
    (float("inf"), {}, None, "not_number"),
    (0, {"validate": {"min": 1}}, None, "too_small"),
    (11, {"validate": {"max": 10}}, None, "too_large"),
    (7, {"increment": 5}, None, "not_increment"),
    (10, {"increment": 5}, 10, None),
])
def test_numbers(value, component, clean, code):
    assert one(value, type="number", **component) == (clean, code)


@pytest.mark.parametrize(("kind", "value", "rules", "code"), [
    ("checkbox", True, {}, None),
    ("checkbox", False, {"required": True}, "required"),
    ("checkbox", "true", {}, "not_boolean"),
    ("radio", "pass", {}, None),
    ("radio", "other", {}, "not_offered"),
    ("select", None, {}, None),
    ("select", None, {"required": True}, "required"),
    ("select", ["pass"], {}, "not_offered"),
    ("checklist", ["pass", "return"], {}, None),
    ("checklist", ["pass", "pass"], {}, "twice"),
    ("checklist", [], {"required": True}, "required"),
    ("taglist", "pass", {}, "not_list"),
    ("taglist", ["other"], {}, "not_offered"),
])
def test_choices(kind, value, rules, code):
    options = [{"label": "通过", "value": "pass"}, {"label": "退回", "value": "return"}]
    assert one(value, type=kind, validate=rules, values=options)[1] == code


@pytest.mark.parametrize("options", [[], [{"label": f"示例{n}", "value": f"a{n}"} for n in range(13)]])
def test_a_refusal_names_no_long_list(options):
    assert one("other", type="select", values=options)[1] == "not_listed"


def test_a_number_offered_is_not_matched_by_true():
    assert one(True, type="radio", values=[{"label": "一", "value": 1}])[1] == "not_offered"


@pytest.mark.parametrize("component", [{"valuesExpression": "=kinds"}, {"valuesKey": "kinds"}])
def test_options_come_from_what_the_form_was_shown_with(component):
    assert one("b", type="select", **component, context={"kinds": ["a", {"label": "乙", "value": "b"}]}) == ("b", None)
    assert one("b", type="select", **component, context={"kinds": ["a"]})[1] == "not_offered"


@pytest.mark.parametrize(("subtype", "value", "extra", "code"), [
    ("date", "2026-02-24", {}, None),
    ("date", "2026-02-30", {}, "not_date"),
    ("date", "20260224", {}, "not_date"),
    ("date", "2026-02-24T10:00", {}, "not_date"),
    ("time", "14:30", {"timeSerializingFormat": "no_timezone"}, None),
    ("time", "25:00", {"timeSerializingFormat": "no_timezone"}, "not_time"),
    ("time", "06:30Z", {"timeSerializingFormat": "utc_normalized"}, None),
    ("time", "14:30", {"timeSerializingFormat": "utc_normalized"}, "not_time"),
    ("datetime", "2026-02-24T14:30+08:00", {"timeSerializingFormat": "utc_offset"}, None),
    ("datetime", "2026-02-24", {"timeSerializingFormat": "utc_offset"}, "not_datetime"),
    ("datetime", 5, {}, "not_datetime"),
    ("date", None, {"validate": {"required": True}}, "required"),
    ("date", None, {}, None),
])
def test_dates_and_times(subtype, value, extra, code):
    assert one(value, type="datetime", subtype=subtype, **extra)[1] == code


@pytest.mark.parametrize(("value", "extra", "code"), [
    ([FILE], {}, None),
    (None, {}, None),
    (None, {"validate": {"required": True}}, "required"),
    ([FILE, {**FILE, "sha256": "b" * 64}], {}, "too_many_files"),
    ([FILE, {**FILE, "sha256": "b" * 64}], {"multiple": True}, None),
    ([{**FILE, "sha256": "zz"}], {}, "not_files"),
    ("files::1", {}, "not_files"),
    ([FILE], {"accept": ".docx"}, "wrong_kind"),
    ([FILE], {"accept": ".docx, .PDF"}, None),
    ([FILE], {"accept": "application/*"}, None),
])
def test_files(value, extra, code):
    assert one(value, type="filepicker", **extra)[1] == code


def test_only_the_four_members_of_a_file_are_kept():
    assert one([{**FILE, "path": "/etc/passwd"}], type="filepicker")[0] == [FILE]


def test_unknown_fields_are_refused_and_dropped():
    schema = {"components": [{"type": "textfield", "key": "name"}]}
    clean, problems = forms.validate(schema, {"name": "a", "role": "admin", "deep": {"er": [1]}})
    assert clean == {"name": "a"}
    assert [(problem.field, problem.code) for problem in problems] == [
        ("role", "unknown_field"), ("deep.er[0]", "unknown_field")]


def test_groups_and_dotted_keys_nest():
    schema = {"components": [
        {"type": "textfield", "key": "applicant.name"},
        {"type": "group", "path": "applicant", "components": [{"type": "checkbox", "key": "small"}]},
        {"type": "group", "components": [{"type": "text", "text": "# 说明"}, {"type": "number", "key": "claims"}]},
    ]}
    values = {"applicant": {"name": "甲公司", "small": True}, "claims": 8}
    assert forms.validate(schema, values) == (values, [])
    assert forms.keys(schema) == ("applicant.name", "applicant.small", "claims")


def test_repeated_rows_are_checked_one_by_one():
    schema = {"components": [{"type": "dynamiclist", "path": "inventors", "isRepeating": True, "components": [
        {"type": "textfield", "key": "name", "validate": {"required": True}}]}]}
    clean, problems = forms.validate(schema, {"inventors": [{"name": "张三"}, {"name": ""}, {}]})
    assert clean["inventors"] == [{"name": "张三"}, {}, {}]
    assert [problem.field for problem in problems] == ["inventors[1].name", "inventors[2].name"]
    assert forms.keys(schema) == ("inventors[].name",)


@pytest.mark.parametrize("rows", ["x", [1], [{}] * 1001])
def test_rows_of_the_wrong_shape(rows):
    schema = {"components": [{"type": "dynamiclist", "path": "rows", "isRepeating": True, "components": []}]}
    clean, problems = forms.validate(schema, {"rows": rows})
    assert clean == {"rows": []}
    assert problems == [Problem("rows", "not_rows", {"max": 1000})]


CONDITIONAL = {"components": [
    {"type": "checkbox", "key": "agent"},
    {"type": "textfield", "key": "agency", "validate": {"required": True}, "conditional": {"hide": "=not(agent)"}},
    {"type": "group", "path": "more", "conditional": {"hide": "=not(agent)"}, "components": [
        {"type": "textfield", "key": "code", "validate": {"required": True}}]},
]}


def test_a_hidden_field_is_neither_required_nor_taken():
    assert forms.validate(CONDITIONAL, {"agent": False}) == ({"agent": False}, [])
    smuggled = {"agent": False, "agency": "示例", "more": {"code": "1"}}
    assert forms.validate(CONDITIONAL, smuggled) == ({"agent": False}, [])
    _, problems = forms.validate(CONDITIONAL, {"agent": True})
    assert [problem.field for problem in problems] == ["agency", "more.code"]


def test_a_condition_may_speak_of_the_case():
    schema = {"components": [{"type": "textfield", "key": "a", "validate": {"required": True},
                              "conditional": {"hide": '=kind = "design"'}}]}
    assert forms.validate(schema, {}, {"kind": "design"}) == ({}, [])
    assert forms.validate(schema, {}, {"kind": "invention"})[1] == [Problem("a", "required")]


def test_computed_fields_are_computed_here_and_never_believed():
    computed = {"type": "expression", "key": "sum", "expression": "=a+1"}
    schema = {"components": [{"type": "number", "key": "a"}, computed]}
    assert forms.validate(schema, {"a": 1, "sum": 99}) == ({"a": 1, "sum": 2}, [])


def test_an_expression_that_cannot_be_read_gives_nothing():
    schema = {"components": [{"type": "expression", "key": "sum", "expression": "=1 +"}]}
    assert forms.validate(schema, {}) == ({"sum": None}, [])


def test_bounds_written_as_expressions():
    component = {"type": "number", "validate": {"max": "=limit"}}
    assert one(5, **component) == (5, None)
    assert one(5, **component, context={"limit": 4})[1] == "too_large"


def test_the_files_of_a_form_with_the_field_they_belong_to():
    clean = {"claims": [FILE], "rows": [{"proof": [FILE]}], "name": "x", "nothing": None}
    assert [(role, file["name"]) for role, file in forms.files(clean)] == [
        ("claims", "权利要求书.pdf"), ("proof", "权利要求书.pdf")]


def test_disabled_fields_are_not_taken():
    assert one("x", type="textfield", disabled=True) == (None, None)


def test_a_schema_that_cannot_be_read_is_named():
    with pytest.raises(InvalidInput, match="form field type"):
        one("x", type="teleporter")
    with pytest.raises(InvalidInput, match="regular expression"):
        text("x", pattern="(")


def test_what_texts_and_expressions_speak_of_is_shown():
    schema = {"components": [
        {"type": "text", "text": "核查：{{check.reasons}}"},
        {"type": "textfield", "key": "plan.name", "description": "不是 {变量}"},
        {"type": "table", "dataSource": "=for m in members return m.title"},
        {"type": "group", "components": [{"type": "number", "key": "days", "conditional": {"hide": "=not(asked)"}}]}]}
    assert forms.names(schema) >= {"check", "plan", "members", "days", "asked"}
    assert "变量" not in forms.names(schema)

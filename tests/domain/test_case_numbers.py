"""Case numbers of every kind are found, checked and written in one way."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.domain.case_numbers import (
    KIND_CODES,
    SERIES,
    check,
    format_case_no,
    patent_check_digit,
    recognise,
    uscc_check_character,
)
from engine.errors import InvalidInput


@pytest.mark.parametrize(("text", "kind", "canonical"), [
    ("ZL 200820185283.1", "patent", "ZL 200820185283.1"),
    ("ZL200820185283.1", "patent", "ZL 200820185283.1"),
    ("zl 2008 2 0185283.1", "patent", "ZL 200820185283.1"),
    ("201911336624.X", "patent", "201911336624.X"),
    ("CN201911336624.x", "patent", "201911336624.X"),
    ("02144686.5", "patent", "02144686.5"),
    ("4W123456", "cnipa_invalidation", "4W123456"),
    ("第56789号", "cnipa_decision", "第56789号"),
    ("（2026）粤73知民初12号", "court", "（2026）粤73知民初12号"),
    ("(2026) 粤0106民特34号", "court", "（2026）粤0106民特34号"),
    ("（2026）粤0106民诉前调4821号", "court", "（2026）粤0106民诉前调4821号"),
    ("（2025）最高法知民终101号之一", "court", "（2025）最高法知民终101号之一"),
    ("（2024）粤民终7号", "court", "（2024）粤民终7号"),
    ("（２０２６）粤７３民特１２号", "court", "（2026）粤73民特12号"),
    ("粤知裁字〔2026〕12号", "adjudication", "粤知裁字〔2026〕12号"),
    ("粤知裁字[2026] 12 号", "adjudication", "粤知裁字〔2026〕12号"),
    ("粤知保预〔2023〕40号", "document", "粤知保预〔2023〕40号"),
    ("（2026）穗仲案字第1234号", "arbitration", "（2026）穗仲案字第1234号"),
    ("（2026）粤广广州第12345号", "notary", "（2026）粤广广州第12345号"),
    ("（2026）粤广南方证内字第 12345 号", "notary", "（2026）粤广南方证内字第12345号"),
    ("TJ-2026-00042", "center", "TJ-2026-00042"),
    ("ys-2026-fm-000001", "center", "YS-2026-FM-000001"),
    ("91350100M000100Y43", "uscc", "91350100M000100Y43"),
])
def test_every_form_has_one_writing(text, kind, canonical):
    match = check(kind, f" {text} ")
    assert (match.canonical, match.valid) == (canonical, True)
    assert check(kind, canonical).canonical == canonical


def test_numbers_in_a_sentence_are_found_with_their_places():
    text = "见（2026）粤73知民初12号及ZL202030123456.3（根据粤知裁字〔2026〕12号），编号YS-2026-WG-000007、第567890号。"
    found = recognise(text)
    assert [match.kind for match in found] == ["court", "patent", "adjudication", "center", "cnipa_decision"]
    assert [text[match.start:match.end] for match in found][2] == "粤知裁字〔2026〕12号"
    assert found[0].parts == {"year": "2026", "court": "粤73", "type": "知民初", "n": "12"}
    assert found[1].parts["patent_kind"] == "design"
    assert found[3].parts["patent_kind"] == "design"


def test_a_wrong_check_character_is_found_and_named():
    (match,) = recognise("ZL 200820185283.2")
    assert (match.valid, match.expected) == (False, "1")
    with pytest.raises(InvalidInput, match="check character 1"):
        check("patent", "ZL 200820185283.2")
    (match,) = recognise("91350100M000100Y44")
    assert (match.valid, match.expected) == (False, "3")


@pytest.mark.parametrize("text", [
    "", "2026", "200870185283.1", "198320185283.1", "7W123456", "4W1234567", "粤73知民初12号", "（2026）第12号",
    "TJ-2026-042", "YS-2026-000001", "TJ-2026-FM-00042", "AA-2026-00042", "440101199001011234", "第1号",
    "（2010）穗中法民三初字第123号", "1200820185283.1", "200820185283.12",
])
def test_other_things_are_left_alone(text):
    assert recognise(text) == ()


@pytest.mark.parametrize("kind", ["court", "patent", "center"])
def test_a_number_of_another_kind_is_refused(kind):
    with pytest.raises(InvalidInput, match=kind):
        check(kind, "4W123456")


def test_the_centers_own_numbers():
    assert format_case_no("YS", 2026, 1, "invention") == "YS-2026-FM-000001"
    assert format_case_no("YS", 2026, 1, "utility_model") == "YS-2026-XX-000001"
    assert format_case_no("YS", 2026, 123456, "design") == "YS-2026-WG-123456"
    assert format_case_no("TJ", 2026, 42) == "TJ-2026-00042"


@pytest.mark.parametrize(("arguments", "said"), [
    (("QQ", 2026, 1), "series"), (("YS", 2026, 1), "invention"), (("YS", 2026, 1, "plant"), "invention"),
    (("TJ", 2026, 1, "design"), "no kind"), (("TJ", 2026, 0), "from 1"), (("TJ", 2026, 100_000), "99999"),
    (("TJ", 26, 1), "year"),
])
def test_numbers_that_cannot_be_given(arguments, said):
    with pytest.raises(InvalidInput, match=said):
        format_case_no(*arguments)


KINDS = st.sampled_from(sorted(KIND_CODES))


@given(st.sampled_from(sorted(SERIES)), st.integers(1985, 2099), st.integers(1, 99_999), KINDS)
def test_what_is_given_is_recognised(series, year, n, kind):
    number = format_case_no(series, year, n, kind if series == "YS" else None)
    (match,) = recognise(f"案号{number}。")
    assert (match.kind, match.canonical) == ("center", number)


@given(st.from_regex(r"20[0-9]{2}[123][0-9]{7}", fullmatch=True), st.integers(0, 11), st.integers(1, 9))
def test_one_wrong_digit_of_a_patent_number_is_always_noticed(digits, place, by):
    wrong = digits[:place] + str((int(digits[place]) + by) % 10) + digits[place + 1:]
    assert patent_check_digit(wrong) != patent_check_digit(digits)


def test_check_characters_of_known_codes():
    assert patent_check_digit("201911336624") == "X"
    assert uscc_check_character("91350100M000100Y4") == "3"


@given(st.text("（）()〔〕[]第号粤知民初字案证ZLYS-.0123456789 X", max_size=60))
def test_no_text_is_too_strange(text):
    found = recognise(text)
    assert all(a.end <= b.start for a, b in zip(found, found[1:], strict=False))

"""Whatever becomes of a form that was sent, what was typed is still there, with the reason and a way on."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from engine.domain.administration import EndSessions
from engine.domain.commands import CancelCase, SuspendCase
from engine.services.cleaner import Sweep
from engine.store import schema as s
from tests.support.bpmn import assign, boundary, chain, end, form, process, properties, start, timer, user
from tests.support.house import ACTORS, SUPERVISOR, emptied
from tests.ui.nothing_lost import REVIEW, Office, token, typed

OPINION = "权利要求1不清楚，<b>请修改</b> 😀 ‮abc"
SENT = json.dumps({"outcome": "good", "opinion": OPINION}, ensure_ascii=False)


@pytest.fixture
def office(sqlite_url: str, tmp_path: Path) -> Iterator[Office]:
    office = Office(emptied(sqlite_url), tmp_path / "house")
    yield office
    office.house.close()


# --- letters that cannot be carried ---------------------------------------------------------------------------------
def test_half_an_emoji_is_marked_and_loses_nothing_else(database_url: str, tmp_path: Path) -> None:
    """A field that cuts at its longest leaves half of one; browsers send it as an escape."""
    office = Office(emptied(database_url), tmp_path / "house")
    key, desk, sent = office.begin(), office.desk("anna"), r'{"outcome": "good", "opinion": "清楚\ud83d\u0000"}'
    desk.post(f"/tasks/{key}/claim")
    kept = desk.client.put(f"/tasks/{key}/draft", data=sent, content_type="application/json",
                           headers={"X-CSRFToken": token(desk.client, "/account")})
    assert kept.status_code == 200 and "清楚\ufffd\ufffd" in desk.get(f"/tasks/{key}").text
    refused = desk.post(f"/tasks/{key}/complete", values=sent)  # what goes on record is what somebody has read
    assert refused.status_code == 422 and "清楚\ufffd\ufffd" in refused.text
    begun = office.desk("firm").client
    kept = begun.put("/start/p/draft", data=r'{"title": "\ud83d"}', content_type="application/json",
                     headers={"X-CSRFToken": token(begun, "/account")})
    assert kept.status_code == 200
    office.house.close()


# --- somebody was quicker -------------------------------------------------------------------------------------------
def finished(office: Office, key: str) -> None:
    office.desk("bela").post(f"/tasks/{key}/complete", values=SENT)


def taken(office: Office, key: str) -> None:
    office.desk("bela").post(f"/tasks/{key}/claim")


def handed_on(office: Office, key: str) -> None:
    office.desk("boss").post(f"/tasks/{key}/hand-on", to="bela", reason="忙")


def suspended(office: Office, key: str) -> None:
    office.house.run(SuspendCase(key.partition("~")[0], "查证"), SUPERVISOR)


def cancelled(office: Office, key: str) -> None:
    office.house.run(CancelCase(key.partition("~")[0], "撤回"), replace(SUPERVISOR, id="boss"))


def gone_on(office: Office, key: str) -> None:
    office.house.advance(days=11)


@pytest.mark.parametrize(("happened", "told"), [
    (finished, "这项已由某bela于 2026年3月2日"), (taken, "起由某bela办理"), (handed_on, "起由某bela办理"),
    (suspended, "变为“已中止”"), (cancelled, "变为“已撤销”（某boss）"), (gone_on, "终止（系统自动）")])
def test_who_comes_too_late_is_told_and_keeps_the_text(office: Office, happened: object, told: str) -> None:
    key = office.begin()
    desk = office.desk("anna")
    happened(office, key)  # type: ignore[operator]
    if happened is gone_on:
        desk = office.desk("anna")
    answer = desk.post(f"/tasks/{key}/complete", values=SENT)
    assert answer.status_code in (409, 404), answer.text
    assert told in answer.text
    assert "权利要求1不清楚，&lt;b&gt;请修改&lt;/b&gt; 😀" in typed(answer)
    draft = desk.client.put(f"/tasks/{key}/draft", data=SENT, content_type="application/json",
                            headers={"X-CSRFToken": token(desk.client, "/account")})
    assert draft.status_code == (409 if happened is not suspended else 200)


def test_a_double_click_does_it_once_and_another_tab_hears_of_it(office: Office) -> None:
    key, desk = office.begin(), office.desk("anna")
    first = desk.post(f"/tasks/{key}/complete", values=SENT, key="page-1")
    again = desk.post(f"/tasks/{key}/complete", values=SENT, key="page-1")
    assert first.status_code == again.status_code == 302
    other = desk.post(f"/tasks/{key}/complete", values=SENT, key="page-2")
    assert other.status_code == 409 and "某anna" in other.text and OPINION[:7] in typed(other)


def test_a_start_form_sent_twice_with_other_content_says_so(office: Office) -> None:
    desk = office.desk("clerk")
    values = json.dumps({"title": "甲"})
    assert desk.post("/start/p", values=values, key="k").status_code == 302
    again = desk.post("/start/p", values=json.dumps({"title": "乙"}), key="k")
    assert again.status_code == 409 and "刚才已经提交" in again.text and "乙" in again.text
    assert len(office.house.rows(s.case)) == 1


# --- a session that ended -------------------------------------------------------------------------------------------
@pytest.mark.parametrize("how", ["idle", "elsewhere", "cookie"])
def test_a_session_that_ended_in_mid_form_loses_nothing(office: Office, how: str) -> None:
    key, desk = office.begin(), office.desk("anna")
    sent = {"csrf_token": token(desk.client, f"/tasks/{key}"), "text": OPINION, "task": key}
    if how == "idle":
        office.house.clock.advance(timedelta(days=3))
    elif how == "elsewhere":
        office.house.run(EndSessions("anna"), ACTORS["admin"])
    else:
        desk.client.delete_cookie(office.app.config["SESSION_COOKIE_NAME"])
    case = key.partition("~")[0]
    page = {"Referer": f"http://localhost/tasks/{key}"}
    answer = desk.client.post(f"/cases/{case}/notes", data=sent, headers=page)
    assert answer.status_code == 401 and "权利要求1不清楚" in typed(answer)
    assert f"/sign-in?next=/tasks/{key}" in answer.text
    draft = desk.client.put(f"/tasks/{key}/draft", data=SENT, content_type="application/json")
    assert draft.status_code == 401 and "登录已结束" in draft.json["message"]
    assert office.house.history(case, "comment") == []


def test_a_token_of_another_session_refuses_and_keeps_the_text(office: Office) -> None:
    key, desk = office.begin(), office.desk("anna")
    case = key.partition("~")[0]
    answer = desk.client.post(f"/cases/{case}/notes", data={"csrf_token": "wrong", "text": OPINION},
                              headers={"Referer": f"http://localhost/tasks/{key}/complete"})
    assert answer.status_code == 400 and "权利要求1不清楚" in typed(answer)
    assert f'href="/tasks/{key}"' in answer.text  # the page of the form, though the form itself went elsewhere


# --- start forms are drafts -----------------------------------------------------------------------------------------
def put(office: Office, desk: object, values: object) -> int:
    client = desk.client  # type: ignore[attr-defined]
    return int(client.put("/start/p/draft", data=json.dumps(values), content_type="application/json",
                          headers={"X-CSRFToken": token(client, "/account")}).status_code)


def test_a_start_form_is_kept_for_its_person_and_goes_with_the_case(office: Office) -> None:
    desk, other = office.desk("firm"), office.desk("stranger")
    assert put(office, desk, {"title": "半个名称", "count": 3}) == 200
    assert "继续填写" in desk.get("/start").text and "继续填写" not in other.get("/start").text
    assert "半个名称" in desk.get("/start/p").text and "半个名称" not in other.get("/start/p").text
    assert "半个名称" not in _raw(office)
    assert desk.post("/start/p", values=json.dumps({"title": "全名"})).status_code == 302
    assert office.house.rows(s.start_draft) == []


def _raw(office: Office) -> str:
    """The rows as the database holds them."""
    with office.house.kapok.database.engine.connect() as connection:
        return str(connection.exec_driver_sql("SELECT * FROM start_draft").all())


def test_a_start_draft_goes_by_choice_or_when_nobody_touches_it(office: Office) -> None:
    desk = office.desk("firm")
    put(office, desk, {"title": "甲"})
    assert desk.post("/start/p/draft/drop").status_code == 302
    assert desk.post("/start/p/draft/drop").status_code == 404
    put(office, desk, {"title": "乙"})
    office.house.run(Sweep())
    assert len(office.house.rows(s.start_draft)) == 1
    office.house.clock.advance(timedelta(days=91))
    office.house.run(Sweep())
    assert office.house.rows(s.start_draft) == []


def test_who_may_not_start_it_keeps_no_draft_of_it(office: Office) -> None:
    assert put(office, office.desk("anna"), {"title": "甲"}) == 403
    desk = office.desk("stranger")
    office.house.deploy(process("p", start("s", properties(role="intake"), form("ask")), user("A"), end("e"),
                                chain("s", "A", "e")))
    assert put(office, desk, {"title": "甲"}) == 404


def test_files_that_were_swept_are_named_to_be_chosen_again(office: Office) -> None:
    desk = office.desk("firm")
    sent = desk.client.post("/files", data={"file": (io.BytesIO(b"%PDF-1.7 x"), "权利要求书.pdf")},
                            headers={"X-CSRFToken": token(desk.client, "/account")}).json
    put(office, desk, {"title": "甲", "papers": [{**sent, "media": "application/pdf"}]})
    assert "请重新选择" not in desk.get("/start/p").text
    office.house.clock.advance(timedelta(hours=25))
    office.house.run(Sweep())
    page = office.desk("firm").get("/start/p").text
    assert "请重新选择：权利要求书.pdf" in page and sent["sha256"] not in page


def test_a_form_of_an_older_version_is_told_field_by_field(office: Office) -> None:
    desk = office.desk("firm")
    office.house.deploy(process("p", start("s", properties(role="applicant"), form("new")), user(
        "A", assign(groups="examiner")), end("e"), chain("s", "A", "e")), ("new.form", json.dumps(
            {"type": "default", "id": "new", "components": [
                {"type": "textfield", "id": "N", "key": "named", "label": "新名称", "validate": {"required": True}}]}
        ).encode()))
    answer = desk.post("/start/p", values=json.dumps({"title": "甲"}))
    assert answer.status_code == 422 and "请填写此项" in answer.text and "甲" in answer.text


# --- values nobody types --------------------------------------------------------------------------------------------
@pytest.mark.parametrize("values", [
    '{"title": "甲", "count": 1e999}', '{"title": "甲", "day": "2026-02-30"}', '{"title": "甲", "applicant_user": "x"}',
    '{"title": ["甲"]}', '{"title": {"a": 1}}', '[]', '{', '{"title": "\\u0000"}', '{"title": "\\ud800"}',
    json.dumps({"title": "长" * 70}), '{"title": "甲", "papers": [{"sha256": "../x", "name": "x"}]}'])
def test_what_no_form_sends_is_refused_in_words(office: Office, values: str) -> None:
    answer = office.desk("firm").post("/start/p", values=values)
    assert answer.status_code == 422 and "data-problems" in answer.text
    assert office.house.rows(s.case) == []


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", "😀" * 500, "‮קודם", "𠮷野家", "'; DROP TABLE case;--",
                                  "{{ 7 * 7 }}", "%s%n", "a" * 5_000])
def test_strange_texts_are_shown_as_they_are_or_refused(office: Office, text: str) -> None:
    key, desk = office.begin(), office.desk("boss")
    case = key.partition("~")[0]
    assert desk.post(f"/cases/{case}/notes", text=text).status_code == 302
    assert desk.post("/filters", name=text, q=text).status_code in (302, 422)
    for path in (f"/cases/{case}", "/", f"/?q={text[:200]}", f"/cases?q={text[:200]}", f"/?page=9e9&lamp={text[:50]}"):
        answer = desk.get(path)
        assert answer.status_code == 200 and "<script>alert" not in answer.text


def test_anothers_case_answers_like_none(office: Office) -> None:
    key = office.begin()
    desk = office.desk("stranger")
    absent = "0" * 36 + "~1"
    for path in ("/tasks/{}", "/deadlines/{}"):
        there, missing = desk.get(path.format(key)), desk.get(path.format(absent))
        assert (there.status_code, missing.status_code) == (404, 404)
        assert unnamed(there.text, key) == unnamed(missing.text, absent)
    counts = []
    for one in (key, absent, key, absent):
        with office.house.statements() as seen:
            desk.get(f"/tasks/{one}")
        counts.append(len(seen))
    assert counts[2] == counts[3]  # nothing to be learnt from how long it takes
    for act in ("complete", "claim", "release", "follow-up", "hand-on"):
        there, missing = (desk.post(f"/tasks/{one}/{act}", values="{}", to="x", reason="忙") for one in (key, absent))
        assert there.status_code == missing.status_code == 404


def unnamed(page: str, key: str) -> str:
    """The page without the key that was asked for, and without its token, which counts the seconds."""
    return re.sub(r'name="csrf_token" value="[^"]+"', "", page).replace(key, "…")


def test_of_many_at_once_each_that_was_refused_is_told_by_its_number(office: Office) -> None:
    keys, desk = [office.begin(f"装置{number}") for number in range(3)], office.desk("anna")
    office.desk("bela").post(f"/tasks/{keys[1]}/claim")
    answer = desk.post("/tasks", act="claim", key=keys, view="all", **{f"no-{key}": f"号{key[-6:]}" for key in keys})
    assert answer.status_code == 409 and "已办 2 项，1 项没有办成" in answer.text
    assert f">号{keys[1][-6:]}</a> 这项自" in answer.text and "某bela" in answer.text
    assert 'name="view" value="all"' in answer.text
    assert desk.post("/tasks", act="release", key=keys[:1], view="all").location == "/?view=all"
    refused = desk.post("/tasks", act="delegate", key=keys[:1], to="bela")
    assert refused.status_code == 422  # a reason is asked for


def test_a_stale_link_tells_who_has_the_task_now(office: Office) -> None:
    key, desk = office.begin(), office.desk("anna")
    office.desk("bela").post(f"/tasks/{key}/claim")
    page = desk.get(f"/tasks/{key}")
    assert page.status_code == 409 and "由某bela办理" in page.text
    assert "某bela" in desk.get(f"/tasks/{key}/now").json["message"]
    assert "某bela" not in office.desk("stranger").get(f"/tasks/{key}/now").json["message"]


def test_a_period_that_ends_while_one_types_gives_the_text_back(office: Office) -> None:
    """A party's answer at 23:59 that arrives at 00:01 of the next day."""
    office.house.deploy(process(
        "q", start("s"), user("A", assign(assignee="= applicant_user"), form("review"), name="答复"),
        boundary("late", "A", timer('= deadline("dl.inv.answer", date("2026-02-02"))', "date")), end("e"), end("f"),
        chain("s", "A", "e"), chain("late", "f")), ("review.form", json.dumps(REVIEW).encode()))
    case = office.house.start("q", {"title": "甲", "applicant_user": "firm"})
    key = office.house.task(case, "A")
    due = office.house.rows(s.deadline)[0].due_at
    office.house.clock.move_to(due - timedelta(minutes=1))
    desk = office.desk("firm")
    assert "意见" in desk.get(f"/tasks/{key}").text
    office.house.advance(minutes=2)
    answer = desk.post(f"/tasks/{key}/complete", values=SENT)
    assert answer.status_code == 409 and "届满" in answer.text
    assert "结论：合格" in typed(answer) and "权利要求1不清楚" in typed(answer)
    assert office.house.open_tasks(case)[0] == "A"

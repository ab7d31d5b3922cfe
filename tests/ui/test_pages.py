"""Every page through Flask's client: what it shows, what it refuses, which command it sends."""

import io
import json
import re
from dataclasses import replace
from html import unescape

import pytest

from engine.domain.commands import ClaimUserTask, CompleteUserTask, FileRef, ReleaseUserTask, SaveDraft, StartCase
from engine.domain.forms import Problem
from engine.errors import Busy, Conflict, InvalidInput, NotAllowed
from engine.services.views.models import Page
from tests.ui.conftest import token
from tests.ui.fakes import PDF, PDF_HASH, deadline, task_row

PAGES = ["/", "/?view=all", "/?view=done", "/start", "/start/pre_examination", "/cases", "/cases?q=示例", "/tasks/c1~3",
         "/cases/YS-2026-FM-000001", "/cases/c1/do/withdraw", "/deadlines", "/deadlines/c1~7"]
GOOD = {"outcome": "defects", "opinion": "权利要求1不清楚。", "basis": "26", "answer_by": "2026-03-10"}


def post(client, path, **fields):
    page = client.get("/cases").text
    fields["csrf_token"] = page.split('name="csrf_token" value="')[1].split('"')[0]
    return client.post(path, data=fields)


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("code", ["zh", "en"])
def test_every_page_opens_in_both_languages_with_a_strict_policy(signed_in, path, code):
    client = signed_in("applicant1")
    client.get(f"/language/{code}")
    answer = client.get(path)
    assert answer.status_code == 200
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'self'")
    assert "unsafe" not in answer.headers["Content-Security-Policy"]
    assert answer.headers["Cache-Control"] == "no-store"
    assert f'lang="{"zh-CN" if code == "zh" else "en"}"' in answer.text
    assert re.findall(r"<script(?![^>]* src=)|<style|\sstyle=", answer.text) == []
    assert answer.text.count("<h1>") == 1


@pytest.mark.parametrize("path", PAGES)
def test_nobody_sees_a_page_without_signing_in(client, path):
    answer = client.get(path)
    assert answer.status_code == 302
    assert answer.location.startswith("/sign-in")


@pytest.mark.parametrize("path", PAGES)
def test_every_link_of_a_page_leads_somewhere(signed_in, path):
    client = signed_in("applicant1")
    found = set(re.findall(r'(?:href|data-diagram|hx-get)="(/[^"]*)"', client.get(path).text))
    assert found
    known = [unescape(link) for link in found if "/files/abab" not in link]
    assert [link for link in known if client.get(link).status_code not in (200, 302)] == []


def test_navigation_offers_only_what_one_may_do(signed_in):
    assert "新建" not in signed_in("examiner1").get("/").text
    assert "新建" in signed_in("applicant1").get("/").text


# --- signing in ---
def test_the_demo_lists_its_accounts(client, services):
    assert "applicant1" in client.get("/sign-in").text
    services.settings.demo = False
    assert "applicant1" not in client.get("/sign-in").text


@pytest.mark.parametrize(("name", "password", "status", "words"), [
    ("examiner1", "wrong", 401, "账号或密码不正确"), ("nobody", "示例-1234", 401, "账号或密码不正确"),
    ("", "", 422, "请填写账号和密码"),
])
def test_a_failed_sign_in_says_so_and_no_more(client, name, password, status, words):
    answer = client.post("/sign-in", data={"name": name, "password": password, "csrf_token": token(client)})
    assert answer.status_code == status
    assert words in answer.text
    assert client.get("/").status_code == 302


@pytest.mark.parametrize(("wanted", "location"), [
    ("/cases?q=a", "/cases?q=a"), ("//evil.example/", "/"), ("https://evil.example/", "/"), ("/\\evil.example", "/"),
    ("javascript:alert(1)", "/"), ("", "/"),
])
def test_after_signing_in_one_is_where_one_wanted_but_never_elsewhere(client, wanted, location):
    data = {"name": "examiner1", "password": "示例-1234", "csrf_token": token(client), "next": wanted}
    assert client.post("/sign-in", data=data).location == location


def test_signing_out_ends_the_session_and_keeps_the_language(signed_in):
    client = signed_in()
    client.get("/language/en")
    assert post(client, "/sign-out").status_code == 302
    assert client.get("/").status_code == 302
    assert "Sign in" in client.get("/sign-in").text


def test_a_session_that_ended_leads_back_to_the_same_page(client):
    location = client.get("/tasks/c1~3", follow_redirects=False).location
    assert location == "/sign-in?next=/tasks/c1~3"


def test_a_change_without_the_token_is_refused(signed_in, services):
    answer = signed_in().post("/tasks/c1~3/claim")
    assert answer.status_code == 400
    assert "内容仍在" in answer.text
    assert services.ran == []


# --- inbox ---
def test_the_inbox_asks_for_what_the_address_says(signed_in, services):
    signed_in().get("/?view=all&lamp=late&q=甲公司&page=3")
    narrowed = {"group": "", "process": "", "free": "", "week": "", "follow": "", "urgent": ""}
    assert services.queries.asked[-1] == ("examiner1", {"view": "all", "lamp": "late", "q": "甲公司", **narrowed}, 3)


@pytest.mark.parametrize("query", ["view=../x", "page=0", "page=-1", "page=9999999999999", "page=x"])
def test_a_nonsensical_address_means_the_default(signed_in, services, query):
    assert signed_in().get(f"/?{query}").status_code == 200
    who, filters, page = services.queries.asked[-1]
    assert (who, {name for name, value in filters.items() if value}, filters["view"], page) == (
        "examiner1", {"view"}, "mine", 1)


@pytest.mark.parametrize(("query", "words"), [
    ("", "没有待办"), ("?lamp=late", "没有符合筛选的事项"), ("?view=done", "近期没有办结的事项")])
def test_an_empty_list_says_what_to_do(signed_in, services, query, words):
    services.queries.page = Page([], 0, 1, 1, {"mine": 0})
    assert words in signed_in().get(f"/{query}").text


def test_rows_show_state_by_shape_word_and_colour(signed_in, services):
    services.queries.page = Page([task_row(deadline=deadline(workdays_left=-3)), task_row(deadline=None)], 2, 1, 1, {})
    page = signed_in().get("/").text
    assert "#lamp-late" in page
    assert "逾期 3 个工作日" in page
    assert "#lamp-none" in page


def test_claim_and_release_send_their_commands(signed_in, services):
    client = signed_in()
    assert post(client, "/tasks/c1~3/claim", view="all").location == "/?view=all"
    assert post(client, "/tasks/c1~3/claim", open="1").location == "/tasks/c1~3"
    assert post(client, "/tasks/c1~3/release").location == "/?view=mine"
    assert [command for command, *_ in services.ran] == [
        ClaimUserTask("c1~3"), ClaimUserTask("c1~3"), ReleaseUserTask("c1~3")]
    assert "已退回待认领" in client.get("/").text


# --- a task ---
def test_a_task_shows_form_law_next_step_and_papers(signed_in):
    page = signed_in().get("/tasks/c1~3").text
    for words in ("审查结论", "法律怎么说", "专利法22", "提交后：", "质量检查", "预审受理通知书", "剩 6", "检查并提交"):
        assert words in page
    assert json.loads(unescape(re.search(r'data-values="([^"]*)"', page)[1])) == {"outcome": "defects"}


def test_completing_sends_clean_values_once_per_key(signed_in, services):
    answer = post(signed_in(), "/tasks/c1~3/complete", values=json.dumps(GOOD), key="k1")
    assert answer.location == "/"
    assert services.ran == [(CompleteUserTask("c1~3", GOOD, (), form_checked=True), "examiner1", "k1")]


@pytest.mark.parametrize(("values", "field", "words"), [
    ({**GOOD, "outcome": "other"}, "outcome", "所选不在选项之内"), ({**GOOD, "opinion": ""}, "opinion", "请填写此项"),
    ({**GOOD, "opinion": "x" * 2001}, "opinion", "最多填写 2000 个字"),
    ({**GOOD, "opinion": 5}, "opinion", "请填写文字"),
    ({**GOOD, "answer_by": "soon"}, "answer_by", "请填写日期"), ({**GOOD, "role": "admin"}, "role", "表单没有这一项"),
])
def test_bad_values_come_back_to_their_field_and_change_nothing(signed_in, services, values, field, words):
    answer = post(signed_in(), "/tasks/c1~3/complete", values=json.dumps(values))
    assert answer.status_code == 422
    told = json.loads(unescape(re.search(r'data-problems="([^"]*)"', answer.text)[1]))
    assert [item["field"] for item in told] == [field]
    assert words in told[0]["message"]
    assert json.loads(unescape(re.search(r'data-values="([^"]*)"', answer.text)[1])) == values
    assert services.ran == []


@pytest.mark.parametrize("values", ["[]", "{", "null", "5", "[" * 100_000, '{"outcome": NaN, '])
def test_what_is_no_form_is_refused(signed_in, services, values):
    answer = post(signed_in(), "/tasks/c1~3/complete", values=values)
    assert answer.status_code == 422
    assert services.ran == []


@pytest.mark.parametrize(("sent", "shown"), [
    (r'"\ud800"', '"\ufffd"'), ("1e99999999999", '"1E+99999999999"'), ("1e400", '"1E+400"'),
])
def test_what_no_page_can_carry_comes_back_as_one_can_read_it(signed_in, services, sent, shown):
    answer = post(signed_in(), "/tasks/c1~3/complete", values=f'{{"opinion": {sent}}}')
    assert answer.status_code == 422
    assert f'"opinion": {shown}}}' in unescape(answer.text)
    assert services.ran == []


@pytest.mark.parametrize("path", ["/cases/%00", "/tasks/a%00b", "/files/%00", "/diagrams/%00", "/deadlines/%00"])
def test_an_address_with_a_null_leads_nowhere(signed_in, path):
    assert signed_in().get(path).status_code == 404


@pytest.mark.parametrize("path", ["/?q=%00", "/cases?q=a%00b", "/sign-in?next=%00"])
def test_a_null_in_a_search_is_refused(signed_in, path):
    assert signed_in().get(path).status_code == 400


def test_problems_that_the_service_finds_are_shown_like_our_own(signed_in, services):
    services.refusal = InvalidInput(problems=[Problem("opinion", "too_short", {"min": 9})])
    answer = post(signed_in(), "/tasks/c1~3/complete", values=json.dumps(GOOD))
    assert answer.status_code == 422
    assert "至少填写 9 个字" in unescape(answer.text)


@pytest.mark.parametrize(("refusal", "status", "words"), [
    (Conflict(action="complete", noun="user task", key="c1~3", state="completed"), 409, "状态已变为“已办结”"),
    (Busy(noun="case", key="c1"), 503, "请稍后再试"), (NotAllowed(actor="x", right="y"), 403, "没有办理这项操作的权限"),
])
def test_a_refusal_is_a_page_that_says_why(signed_in, services, refusal, status, words):
    services.refusal = refusal
    answer = post(signed_in(), "/tasks/c1~3/complete", values=json.dumps(GOOD))
    assert answer.status_code == status
    assert words in answer.text


def test_an_unclaimed_task_offers_the_claim_and_no_entry(signed_in, services):
    services.queries.shown_task = replace(services.queries.shown_task, may_claim=True, assignee=None)
    page = signed_in().get("/tasks/c1~3").text
    assert "data-readonly" in page
    assert "/tasks/c1~3/claim" in page
    assert "data-submit" not in page


def test_a_finished_task_cannot_be_sent_again(signed_in, services):
    services.queries.shown_task = replace(services.queries.shown_task, state="completed", may_work=False)
    page = signed_in().get("/tasks/c1~3").text
    assert "已经办结" in page
    assert "data-submit" not in page


def test_a_draft_is_saved_as_it_is(signed_in, services):
    client = signed_in()
    tokens = {"X-CSRFToken": client.get("/tasks/c1~3").text.split('data-token="')[1].split('"')[0]}
    answer = client.put("/tasks/c1~3/draft", data=json.dumps({"opinion": "半"}), headers=tokens)
    assert answer.json == {"at": "14:32"}
    assert services.ran == [(SaveDraft("c1~3", {"opinion": "半"}), "examiner1", None)]
    assert client.put("/tasks/c1~3/draft", data="{", headers=tokens).status_code == 400


def test_a_draft_after_the_session_ended_is_told_to_the_script(client):
    answer = client.put("/tasks/c1~3/draft", data="{}", headers={"X-CSRFToken": token(client)})
    assert answer.status_code == 401


# --- starting, files ---
def test_starting_a_case_names_its_files(signed_in, services):
    file = {"sha256": PDF_HASH, "name": "权利要求书.pdf", "size": len(PDF), "media": "application/pdf"}
    values = {"title": "一种装置", "kind": "invention", "claims": 8, "ready_on": None, "draft": [file], "promise": True}
    answer = post(signed_in("applicant1"), "/start/pre_examination", values=json.dumps(values), key="k2")
    assert answer.location == "/cases/c1"
    command = StartCase("pre_examination", values, (FileRef(PDF_HASH, "权利要求书.pdf", "draft"),), form_checked=True)
    assert services.ran == [(command, "applicant1", "k2")]


@pytest.mark.parametrize("process", ["nothing", "pre_examination"])
def test_what_one_may_not_start_does_not_exist(signed_in, process):
    assert signed_in("examiner1").get(f"/start/{process}").status_code == 404


def upload(client, name, content=PDF, kind="application/pdf"):
    page = client.get("/cases").text
    data = {"file": (io.BytesIO(content), name, kind),
            "csrf_token": page.split('name="csrf_token" value="')[1].split('"')[0]}
    return client.post("/files", data=data, headers={"Accept": "application/json"})


def test_an_upload_answers_with_its_hash(signed_in):
    answer = upload(signed_in("applicant1"), "权利要求书.pdf")
    assert answer.json == {"sha256": PDF_HASH, "name": "权利要求书.pdf", "size": len(PDF), "media": "application/pdf"}


def test_an_upload_over_the_limit_is_refused(signed_in, services):
    services.settings.max_upload = 10
    answer = upload(signed_in("applicant1"), "a.pdf", b"x" * 100_000)
    assert answer.status_code == 413
    assert "上限" in answer.json["message"]


def test_an_upload_of_the_wrong_kind_says_what_is_accepted(signed_in, services):
    def refuse(*_):
        raise InvalidInput(expected="PDF, DOCX", found=".exe", where="a.exe")

    services.files.stage = refuse
    answer = upload(signed_in("applicant1"), "a.exe")
    assert (answer.status_code, answer.json["message"]) == (422, "a.exe：应为PDF, DOCX，收到的是.exe。")


def test_a_file_is_given_under_its_name_and_never_sniffed(signed_in):
    answer = signed_in().get(f"/files/{PDF_HASH}")
    assert answer.data == PDF
    assert answer.mimetype == "application/pdf"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


# --- cases, deadlines, actions ---
def test_the_case_page_tells_the_whole_case(signed_in):
    page = signed_in().get("/cases/YS-2026-FM-000001").text
    for words in ("YS-2026-FM-000001", "专利预审", "L2 内部不公开", "办理中", "流程第 3 版", "文字版", "首次预审意见",
                  "为什么是这一天：", "2月24日受理＋10 个工作日＝3月10日", "预审受理通知书",
                  "快速审查标识推送", "认领：预审审查",
                  "开始：提交预审请求", "撤回请求", "办理：预审审查", "打印卷宗", "2026年2月24日（周二）"):
        assert words in page
    assert "结论 " not in re.sub(r"<[^>]*>", "", page.split("timeline")[1])


def test_the_diagram_comes_with_its_tokens(signed_in):
    client = signed_in()
    page = client.get("/cases/c1").text
    assert json.loads(unescape(re.search(r'data-state="([^"]*)"', page)[1])) == {
        "now": {"A10_Examine": 1}, "done": ["A01_Submitted", "A05_Number"], "incident": [], "flows": None}
    diagram = client.get("/diagrams/c1")
    assert diagram.mimetype == "application/xml"
    assert b"A10_Examine" in diagram.data


@pytest.mark.parametrize("path", ["/cases/YS-2026-FM-999999", "/cases/%3Cscript%3E", "/tasks/c1~99", "/deadlines/x",
                                  "/files/" + "0" * 64, "/cases/c1/do/nothing", "/nowhere", "/language/fr"])
def test_what_is_not_there_is_not_found_in_plain_words(signed_in, path):
    answer = signed_in().get(path)
    assert answer.status_code == 404
    assert "<script>" not in answer.text
    assert "回到待办" in answer.text


def test_an_action_is_carried_out_with_its_form(signed_in, services):
    client = signed_in()
    answer = post(client, "/cases/c1/do/withdraw", values='{"reason": "另行提交"}', key="k3")
    assert answer.location == "/cases/YS-2026-FM-000001"
    assert services.ran == [(("c1", "withdraw", {"reason": "另行提交"}), "examiner1", "k3")]
    assert post(client, "/cases/c1/do/withdraw", values='{"reason": ""}').status_code == 422


def test_the_deadline_is_computed_before_ones_eyes(signed_in):
    page = signed_in().get("/deadlines/c1~7").text
    for words in ("2026年3月10日（周二）", "2月28日为调休上班日，计入", "本地规则7", "dl.pre.first_opinion",
                  "提醒主管督办"):
        assert words in page


def test_search_says_when_nothing_is_found(signed_in):
    assert "没有找到案件" in signed_in().get("/cases?q=没有的").text


def test_assets_may_be_kept_for_a_year_because_their_address_changes(signed_in):
    link = re.search(r'href="(/assets/kapok.css[^"]*)"', signed_in().get("/").text)[1]
    answer = signed_in().get(unescape(link))
    assert "immutable" in answer.headers["Cache-Control"]

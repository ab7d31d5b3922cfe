"""The screens in a real Chromium: no request leaves the machine, the console stays silent, forms and diagrams work."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from engine.domain.commands import CompleteUserTask, SaveDraft, StartCase
from engine.domain.forms import Problem
from engine.errors import InvalidInput
from tests.ui.browser import DESK, PHONE, Watched, served, watched
from tests.ui.fakes import PDF, PDF_HASH, FakeServices, make_app

pytestmark = pytest.mark.browser
PAGES = ["/", "/start", "/start/pre_examination", "/cases", "/tasks/c1~3", "/cases/YS-2026-FM-000001",
         "/cases/c1/do/withdraw", "/deadlines", "/deadlines/c1~7"]


@pytest.fixture
def base(services: FakeServices) -> Iterator[str]:
    with served(make_app(services)) as address:
        yield address


@pytest.fixture
def view(browser: Browser, base: str) -> Iterator[Watched]:
    """A watched page, signed in as the applicant; whatever the test does, it must stay quiet."""
    with watched(browser, base) as found:
        found.sign_in("applicant1")
        yield found
        found.quiet()


def settled(page: Page) -> None:
    """Forms and diagrams of the page are drawn."""
    hosts = "[...document.querySelectorAll('[data-form], [data-diagram]')]"
    page.wait_for_function(f"() => {hosts}.every(host => host.dataset.ready === 'true')")


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize("options", [{}, {"locale": "en-GB"}, {"color_scheme": "dark"}], ids=["zh", "en", "dark"])
def test_all_pages_are_quiet_and_never_scroll_sideways(browser, base, size, options):
    with watched(browser, base, size, **options) as view:
        view.open("/sign-in")
        view.sign_in("applicant1")
        for path in PAGES:
            view.open(path)
            settled(view.page)
            wide = view.page.evaluate("document.scrollingElement.scrollWidth - innerWidth")
            assert (path, wide) == (path, min(wide, 0))
        view.quiet()


def test_a_demo_account_is_one_press_away(browser, base):
    with watched(browser, base) as view:
        view.open("/sign-in")
        view.page.get_by_role("button", name="预审员").click()
        view.page.keyboard.press("Enter")
        expect(view.page.locator("h1")).to_have_text("待办")
        view.quiet()


def test_a_request_is_started_with_an_upload_whose_hash_is_shown(view, services):
    page = view.page
    view.open("/start/pre_examination")
    settled(page)
    page.get_by_label("发明创造名称").fill("一种示例装置")
    page.get_by_text("发明", exact=True).click()
    page.get_by_label("权利要求项数").fill("8")
    page.set_input_files("input[type=file]", {"name": "权利要求书.pdf", "mimeType": "application/pdf", "buffer": PDF})
    expect(page.locator(".kapok-filelist .hash")).to_have_text(f"SHA-256 摘要 {PDF_HASH}")
    page.get_by_text("已阅读并作出诚信承诺").click()
    page.get_by_role("button", name="检查并提交").click()
    page.get_by_role("button", name="确认提交").click()
    expect(page.locator("h1")).to_have_text("一种示例装置")
    command = services.ran[-1][0]
    assert isinstance(command, StartCase)
    assert command.variables == {
        "title": "一种示例装置", "kind": "invention", "claims": 8, "ready_on": None, "promise": True,
        "draft": [{"sha256": PDF_HASH, "name": "权利要求书.pdf", "size": len(PDF), "media": "application/pdf"}]}
    assert [(file.sha256, file.role) for file in command.files] == [(PDF_HASH, "draft")]


def test_an_upload_that_ends_while_one_types_takes_nothing_away(view):
    page = view.page
    view.open("/start/pre_examination")
    settled(page)
    page.set_input_files("input[type=file]", {"name": "a.pdf", "mimeType": "application/pdf", "buffer": PDF})
    page.get_by_label("发明创造名称").press_sequentially("一种示例装置及其控制方法")
    expect(page.locator(".kapok-filelist .hash")).to_be_visible()
    expect(page.get_by_label("发明创造名称")).to_have_value("一种示例装置及其控制方法")


def test_an_upload_that_is_refused_says_why_at_its_field(view, services):
    def refuse(*_):
        raise InvalidInput(expected="PDF", found="EXE", where="a.pdf")

    services.files.stage = refuse
    view.open("/start/pre_examination")
    settled(view.page)
    view.page.set_input_files("input[type=file]", {"name": "a.pdf", "mimeType": "application/pdf", "buffer": b"MZ"})
    expect(view.page.locator(".kapok-files .fjs-form-field-error")).to_contain_text("a.pdf：应为PDF，收到的是EXE。")
    assert [text for text in view.errors if "422" not in text] == []
    view.errors.clear()


def test_errors_stand_at_their_fields_and_in_a_linked_list(view, services):
    page = view.page
    view.open("/tasks/c1~3")
    settled(page)
    page.get_by_role("button", name="检查并提交").click()
    expect(page.locator("[data-problems-list]")).to_be_focused()
    expect(page.locator("[data-problems-list] b")).to_have_text("还有 1 处需要修改")
    page.locator("[data-problems-list] a").click()
    expect(page.get_by_label("审查意见")).to_be_focused()
    page.keyboard.type("权利要求1不清楚。")
    page.get_by_role("button", name="检查并提交").click()
    expect(page.locator("[data-problems-list]")).to_be_hidden()
    page.get_by_role("button", name="确认提交").click()
    expect(page.locator(".toast")).to_contain_text("已提交：预审审查")
    command = services.ran[-1][0]
    assert isinstance(command, CompleteUserTask)
    assert command.variables == {"outcome": "defects", "opinion": "权利要求1不清楚。", "basis": None, "answer_by": None}


def test_what_only_the_server_finds_wrong_stands_at_its_field_too(view, services):
    page = view.page
    services.refusal = InvalidInput(problems=[Problem("opinion", "too_short", {"min": 99})])
    view.open("/tasks/c1~3")
    settled(page)
    page.get_by_label("审查意见").fill("权利要求1不清楚。")
    page.get_by_role("button", name="检查并提交").click()
    page.get_by_role("button", name="确认提交").click()
    expect(page.locator(".fjs-form-field-error")).to_have_text("至少填写 99 个字。")
    expect(page.get_by_label("审查意见")).to_have_value("权利要求1不清楚。")
    assert [text for text in view.errors if "422" not in text] == []
    view.errors.clear()


def test_a_date_is_chosen_in_chinese_and_sent_as_iso(view, services):
    page = view.page
    view.open("/tasks/c1~3")
    settled(page)
    page.get_by_label("审查意见").fill("权利要求1不清楚。")
    page.get_by_label("建议答复日").fill("2026/3/10")
    page.keyboard.press("Enter")
    expect(page.locator(".flatpickr-weekdays")).to_contain_text("周一")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="检查并提交").click()
    page.get_by_role("button", name="确认提交").click()
    expect(page.locator("h1")).to_have_text("待办")
    assert services.ran[-1][0].variables["answer_by"] == "2026-03-10"


def test_a_draft_saves_itself(view, services):
    view.open("/tasks/c1~3")
    settled(view.page)
    with view.page.expect_response(re.compile("/draft$")):
        view.page.get_by_label("审查意见").fill("半句")
    expect(view.page.locator("[data-draft-state]")).to_have_text("草稿已自动保存 14:32")
    assert services.ran[0][0] == SaveDraft("c1~3", {"outcome": "defects", "opinion": "半句", "basis": None,
                                                    "answer_by": None})


def test_the_form_speaks_only_chinese(view):
    view.open("/tasks/c1~3")
    settled(view.page)
    shown = view.page.locator("#form").evaluate(
        "form => [form.innerText, ...[...form.querySelectorAll('[aria-label], [placeholder], [title]')].flatMap("
        "part => [part.getAttribute('aria-label'), part.placeholder, part.title])].join(' ')")
    assert re.findall(r"[A-Za-z]{3,}", re.sub(r"yyyy/mm/dd|Powered by bpmn.io|null|undefined", "", shown)) == []


def test_the_diagram_shows_where_the_case_is(view):
    page = view.page
    view.open("/cases/YS-2026-FM-000001")
    settled(page)
    expect(page.locator("#canvas .tok")).to_have_text("1")
    expect(page.locator("#canvas .djs-shape.now")).to_have_attribute("data-element-id", "A10_Examine")
    assert page.locator("#canvas .djs-shape.done").count() == 2
    assert page.locator("#canvas .djs-connection.done").count() == 2
    expect(page.locator("#canvas .bjs-powered-by")).to_be_visible()
    page.get_by_role("link", name="文字版", exact=True).click()
    expect(page.get_by_text("编号并受理", exact=True).last).to_be_visible()


def test_the_diagram_is_moved_by_keyboard_and_leaves_the_wheel_to_the_page(view):
    page = view.page
    view.open("/cases/YS-2026-FM-000001")
    settled(page)

    def seen():
        return page.locator("#canvas .viewport").get_attribute("transform")

    before = seen()
    page.locator("#canvas").focus()
    page.keyboard.press("+")
    page.keyboard.press("ArrowRight")
    moved = seen()
    assert moved != before
    page.locator("#canvas").hover()
    page.mouse.wheel(0, 200)
    assert seen() == moved
    page.get_by_role("button", name="显示全图").click()
    assert seen() != moved


def test_the_docket_prints_without_the_shell(view):
    view.open("/cases/YS-2026-FM-000001")
    view.page.emulate_media(media="print")
    expect(view.page.get_by_text("案件卷宗摘要")).to_be_visible()
    for hidden in (".top", ".side", "#diagram", "[data-print]"):
        expect(view.page.locator(hidden).first).to_be_hidden()


def test_language_and_darkness_are_chosen_and_kept(view):
    page = view.page
    page.get_by_role("link", name="English").click()
    expect(page.locator("h1")).to_have_text("My cases")
    page.get_by_role("button", name="Toggle dark mode").click()
    view.open("/cases")
    assert page.locator("html").get_attribute("data-theme") == "dark"
    assert page.locator("html").get_attribute("lang") == "en"


def test_the_account_menu_opens_and_closes_by_keyboard(view):
    page = view.page
    page.locator(".menu summary").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="退出登录")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="退出登录")).to_be_hidden()
    expect(page.locator(".menu summary")).to_be_focused()


def test_the_first_tab_stop_skips_to_the_content(view):
    view.open("/cases")
    view.page.keyboard.press("Tab")
    expect(view.page.get_by_role("link", name="跳到正文")).to_be_focused()

"""A provider that remembers what it was asked and answers with one sample case: pages are tested by themselves."""

import hashlib
import io
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, date, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from flask import Flask

from engine.clock import VirtualClock
from engine.domain.actors import Actor
from engine.domain.calendar import HolidaySpan
from engine.domain.period_texts import Text
from engine.errors import KapokError, NotFound, Rejection
from engine.services.views.deadline_pages import DayCell, Explanation, MonthView, RungRow
from engine.services.views.models import (
    ActionView,
    CaseRowView,
    CaseView,
    DeadlineRow,
    DiagramView,
    DocumentRow,
    FileView,
    FilterRow,
    HistoryRow,
    LawNote,
    MessageRow,
    Page,
    StageRow,
    StartView,
    StepRow,
    TaskRow,
    TaskView,
)
from engine.services.views.notices import NoticeRow
from engine.services.views.people import UserRow, UserView
from engine.ui import create_blueprint

NOW = datetime(2026, 2, 24, 6, 32, tzinfo=UTC)
DIAGRAM = Path(__file__).parent / "sample.bpmn"
PDF = b"%PDF-1.7 sample"
PDF_HASH = hashlib.sha256(PDF).hexdigest()

START_FORM: dict[str, Any] = {
    "type": "default", "id": "pre_request", "schemaVersion": 19, "components": [
        {"type": "text", "id": "T1", "text": "### 申请信息\n请按申请文件填写。"},
        {"type": "textfield", "id": "F1", "key": "title", "label": "发明创造名称",
         "description": "与申请文件一致", "validate": {"required": True, "maxLength": 60}},
        {"type": "radio", "id": "F2", "key": "kind", "label": "专利类型", "validate": {"required": True}, "values": [
            {"label": "发明", "value": "invention"}, {"label": "实用新型", "value": "utility"},
            {"label": "外观设计", "value": "design"}]},
        {"type": "number", "id": "F3", "key": "claims", "label": "权利要求项数", "decimalDigits": 0,
         "layout": {"row": "R1", "columns": 8}, "validate": {"required": True, "min": 1, "max": 200}},
        {"type": "datetime", "id": "F4", "key": "ready_on", "subtype": "date", "dateLabel": "定稿日期",
         "layout": {"row": "R1", "columns": 8}},
        {"type": "filepicker", "id": "F5", "key": "draft", "label": "申请文件", "multiple": True,
         "accept": ".pdf,.docx", "validate": {"required": True}},
        {"type": "checkbox", "id": "F6", "key": "promise", "label": "已阅读并作出诚信承诺",
         "validate": {"required": True}},
    ]}
TASK_FORM: dict[str, Any] = {
    "type": "default", "id": "pre_examine", "schemaVersion": 19, "components": [
        {"type": "radio", "id": "F1", "key": "outcome", "label": "审查结论", "validate": {"required": True}, "values": [
            {"label": "合格", "value": "qualified"}, {"label": "存在缺陷", "value": "defects"},
            {"label": "明显不合格", "value": "unqualified"}]},
        {"type": "textarea", "id": "F2", "key": "opinion", "label": "审查意见",
         "validate": {"required": True, "minLength": 4, "maxLength": 2000}},
        {"type": "select", "id": "F3", "key": "basis", "label": "主要依据", "layout": {"row": "R1", "columns": 8},
         "values": [{"label": "专利法第22条", "value": "22"}, {"label": "专利法第26条", "value": "26"}]},
        {"type": "datetime", "id": "F4", "key": "answer_by", "subtype": "date", "dateLabel": "建议答复日",
         "layout": {"row": "R1", "columns": 8}},
    ]}
ACTION_FORM: dict[str, Any] = {
    "type": "default", "id": "withdraw", "schemaVersion": 19, "components": [
        {"type": "textarea", "id": "F1", "key": "reason", "label": "撤回理由", "validate": {"required": True}}]}

WITHDRAW = ActionView(code="withdraw", name="撤回请求", hint="撤回后案件终止。", schema=ACTION_FORM, danger=True,
                      command=lambda values: ("withdraw", values))
ACCOUNTS = (
    SimpleNamespace(name="applicant1", password="示例-1234", title="申请人（甲公司）"),
    SimpleNamespace(name="examiner1", password="示例-1234", title="预审员"),
)
PEOPLE = {
    "applicant1": Actor("applicant1", "甲公司经办人", frozenset({"applicant"})),
    "examiner1": Actor("examiner1", "张某", frozenset({"examiner"})),
}


class WrongPassword(Rejection):
    """Expected a known name and its password."""

    code = "sign_in_refused"


def deadline(**changes: Any) -> DeadlineRow:
    row = DeadlineRow(
        key="c1~7", rule="dl.pre.first_opinion", name="首次预审意见", state="running", event_on=date(2026, 2, 24),
        start_on=date(2026, 2, 24), nominal_on=date(2026, 3, 10), due_on=date(2026, 3, 10),
        due_at=datetime(2026, 3, 10, 16, tzinfo=UTC), provisional=False, workdays_left=6, workdays_total=10,
        basis="中心预审服务承诺", local=True, consequence="提醒主管督办，不影响申请人权利。",
        rule_version="2026-01", case_id="c1", case_no="YS-2026-FM-000001", case_title="一种示例装置", language="zh",
        computation={"starts": {"zh": "受理", "en": "acceptance"}, "steps": [
            {"code": "delivery.none", "params": {"received": "2026-02-24"}, "article": ""},
            {"code": "length", "params": {"count": 10, "unit": "workday", "end": "2026-03-10"}, "article": ""}]})
    return replace(row, **changes)


def task_row(**changes: Any) -> TaskRow:
    row = TaskRow(
        key="c1~3", name="预审审查", element="A10_Examine", state="assigned", case_id="c1", case_no="YS-2026-FM-000001",
        case_title="一种示例装置", parties="甲公司", stage="审查", assignee="examiner1", assignee_name="张某",
        mine=True, may_claim=False, may_work=True, deadline=deadline(), created_at=NOW, ended_at=None)
    return replace(row, **changes)


def documents() -> tuple[DocumentRow, ...]:
    return (
        DocumentRow("申请文件", "权利要求书与说明书.pdf", None, "attachment", "甲公司", NOW, PDF_HASH, len(PDF),
                    "application/pdf"),
        DocumentRow("预审受理通知书", "预审受理通知书.docx", "粤知保预字〔2026〕1号", "document", "本中心", NOW,
                    "ab" * 32, 20480, "application/vnd.openxmlformats-officedocument.wordprocessingml.document"))


def diagram() -> DiagramView:
    steps = (StepRow("A01_Submitted", "提交预审请求", "startEvent", "done", NOW, "甲公司经办人"),
             StepRow("A05_Number", "编号并受理", "serviceTask", "done", NOW, "系统"),
             StepRow("A10_Examine", "预审审查", "userTask", "now", None, ""))
    return DiagramView("pre_examination", 3, DIAGRAM.read_bytes(), {"A10_Examine": 1},
                       ("A01_Submitted", "A05_Number"), None, (), steps)


def task_view(**changes: Any) -> TaskView:
    view = TaskView(
        **{item.name: getattr(task_row(), item.name) for item in fields(TaskRow)},
        description="检索并审查形式、保护客体、新颖性与创造性、清楚与支持。",
        legal_basis=(LawNote("专利法22", "授予专利权的发明和实用新型，应当具备新颖性、创造性和实用性。", True),
                     LawNote("审查指南V-7-8.3", "", True)),
        next="质量检查、发出审查意见通知书", schema=TASK_FORM, values={"outcome": "defects"}, draft_at=NOW,
        may_release=True, documents=documents(), diagram=diagram())
    return replace(view, **changes)


def case_view(**changes: Any) -> CaseView:
    view = CaseView(
        id="c1", case_no="YS-2026-FM-000001", title="一种示例装置", process_name="专利预审", version=3, state="active",
        stage="审查", parties="甲公司", level="L2", kind="FM", applicant_name="甲公司", owner_name="张某",
        started_at=NOW, ended_at=None, result="", facts=(("专利类型", "发明"),), links=(),
        stages=(StageRow("受理", "done"), StageRow("分类", "done"), StageRow("审查", "now"), StageRow("质检", "ahead"),
                StageRow("提交", "ahead"), StageRow("官方审查", "ahead")),
        tasks=(task_row(),),
        deadlines=(deadline(), deadline(key="c1~9", name="补正期限", state="met", workdays_left=None)),
        documents=documents(),
        messages=(MessageRow("out", "示例官方系统", "pre.fastlane.push", "快速审查标识", "delivered", NOW, 1),
                  MessageRow("in", "示例官方系统", "pre.fastlane.ack", "标识回执", "processed", NOW, 0)),
        history=(HistoryRow(NOW, "task:claimed", {"name": "预审审查", "element": "A10_Examine"}, "", "张某"),
                 HistoryRow(NOW, "completed", {"name": "结论", "element": "A11", "type": "exclusiveGateway"}, "", ""),
                 HistoryRow(NOW.replace(day=23), "completed",
                            {"name": "提交预审请求", "element": "A01", "type": "startEvent"}, "", "甲公司经办人")),
        history_total=2,
        actions=(WITHDRAW,),
        incidents=(), diagram=diagram(), people=(("applicant", "甲公司"), ("agency", "示例代理所")))
    return replace(view, **changes)


def case_row() -> CaseRowView:
    return CaseRowView(id="c1", case_no="YS-2026-FM-000001", title="一种示例装置", process_name="专利预审",
                       state="active", parties="甲公司", stage="审查", updated_at=NOW, started_at=NOW, deadline=None)


@dataclass
class FakeQueries:
    page: Page = field(default_factory=lambda: Page([task_row()], 1, 1, 1, {"mine": 1, "all": 5, "done": 2, "soon": 1}))
    shown_task: TaskView = field(default_factory=task_view)
    shown_case: CaseView = field(default_factory=case_view)
    asked: list[Any] = field(default_factory=list)

    def inbox(self, actor: Actor, filters: Any, page: int) -> Page:
        self.asked.append((actor.id, dict(filters), page))
        return self.page

    def task(self, actor: Actor, task_id: str) -> TaskView:
        if task_id != self.shown_task.key:
            raise NotFound(noun="task", key=task_id)
        return self.shown_task

    def case(self, actor: Actor, case_no: str, lines: int = 200) -> CaseView:
        if case_no not in (self.shown_case.id, self.shown_case.case_no):
            raise NotFound(noun="case", key=case_no)
        return self.shown_case

    def filters(self, actor: Actor) -> tuple[FilterRow, ...]:
        return (FilterRow("f1", "急件", {"view": "all", "lamp": "late"}),)

    def beside_form(self, actor: Actor, key: str, instance: int, schema: Any) -> dict[str, Any]:
        return {}

    def todo(self, actor: Actor) -> int:
        return 2

    def processes(self, actor: Actor) -> tuple[tuple[str, str], ...]:
        return (("pre_examination", "专利预审"),)

    def cases(self, actor: Actor, text: str, page: int, filters: Any = None) -> Page:
        found = [case_row()] if text in case_row().title else []
        return Page(found, len(found), 1, 1, {})

    def startable(self, actor: Actor) -> list[StartView]:
        view = StartView("pre_examination", "专利预审", "专利申请正式提交前的预先审查，免费。", 3, START_FORM)
        return [view] if actor.has("applicant") else []

    def beside_start(self, schema: Any) -> dict[str, Any]:
        return {}

    def deadlines(self, actor: Actor, page: int) -> Page:
        return Page([deadline(), deadline(key="c1~8", name="答复期限", workdays_left=-2)], 2, 1, 1, {})

    def deadline(self, actor: Actor, deadline_id: str) -> DeadlineRow:
        if not deadline_id.startswith("c1~"):
            raise NotFound(noun="deadline", key=deadline_id)
        return deadline(key=deadline_id)

    def file(self, actor: Actor, sha256: str) -> FileView:
        if sha256 != PDF_HASH:
            raise NotFound(noun="file", key=sha256)
        return FileView("权利要求书.pdf", "application/pdf", len(PDF), lambda: io.BytesIO(PDF))


@dataclass
class FakeSession:
    """The secret is the name, so that a test can tell who is signed in."""

    secret: str
    stage: str = "full"
    id: str = "s1"

    @property
    def actor(self) -> Actor:
        return PEOPLE[self.secret]


@dataclass
class FakeIdentity:
    """``stages``: what is still asked of whom after the password."""

    stages: dict[str, str] = field(default_factory=dict)

    def sign_in(self, name: str, password: str, client: str = "", agent: str = "") -> FakeSession:
        if name not in PEOPLE or password != "示例-1234":
            raise WrongPassword
        return FakeSession(name, self.stages.get(name, "full"))

    def session(self, secret: str, client: str = "") -> FakeSession | None:
        return FakeSession(secret, self.stages.get(secret, "full")) if secret in PEOPLE else None

    def load(self, secret: str, client: str = "") -> FakeSession | None:
        found = self.session(secret)
        return found if found is not None and found.stage == "full" else None

    def give_code(self, secret: str, code: str, client: str = "") -> FakeSession:
        return self._advanced(secret, code == "123456")

    def change_password(self, secret: str, old: str, new: str, client: str = "") -> FakeSession:
        return self._advanced(secret, old == "示例-1234")

    def enrolment(self, secret: str, client: str = "") -> Any:
        return SimpleNamespace(secret="JBSWY3DPEHPK3PXP", picture="data:image/svg+xml;utf8,%3Csvg/%3E")

    def enrol(self, secret: str, code: str, client: str = "") -> tuple[FakeSession, tuple[str, ...]]:
        return self._advanced(secret, code == "123456"), ("aaaaa-bbbbb-ccccc",)

    def sign_out(self, secret: str, client: str = "") -> None:
        pass

    def _advanced(self, secret: str, right: bool) -> FakeSession:
        if not right:
            raise WrongPassword
        self.stages.pop(secret, None)
        return FakeSession(secret)


class FakeFiles:
    def stage(self, stream: Any, name: str, media: str, actor: Actor) -> Any:
        content = stream.read()
        return SimpleNamespace(sha256=hashlib.sha256(content).hexdigest(), size=len(content), name=name, media=media)


class FakeDeadlinePages:
    def explain(self, actor: Actor, key: str) -> Explanation:
        span = HolidaySpan(Text("清明节", "Tomb-sweeping Day"), date(2026, 4, 4), date(2026, 4, 6))
        return Explanation((span,), (), None, None, (RungRow(NOW, "assignee", "planned", ()),),
                           ((date(2026, 2, 25), date(2026, 3, 11)),),
                           (("受理通知书于2026年2月24日送达", ""), ("2月28日为调休上班日，计入", "本地规则7")))

    def listed(self, actor: Actor, wanted: str, page: int) -> Page:
        rows = [deadline(), deadline(key="c1~8", name="答复期限", workdays_left=-2)]
        shown = rows if wanted == "all" else rows[1:]
        return Page(shown, len(shown), 1, 1, {"all": 2, "overdue": 1})

    def month(self, actor: Actor, first: date) -> MonthView:
        cell = DayCell(first, "rest", "元旦", frozenset({"today"}), (deadline(),), 1)
        return MonthView(first, first, first, ((cell,) * 7,), 7)

    def feed(self, secret: str) -> bytes | None:
        return b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n" if secret == "right" else None


class FakePeople:
    """Everybody has an account of their own, and nobody is absent."""

    def user(self, actor: Actor, key: str) -> UserView:
        row = UserRow(**{name.name: None for name in fields(UserRow)} | {
            "id": actor.id, "name": actor.name, "roles": tuple(sorted(actor.roles)), "enabled": True})
        return UserView(row, (), (), (), (), 0)

    def colleagues(self, actor: Actor) -> tuple[tuple[str, str], ...]:
        return ()

    def absences(self, actor: Actor) -> tuple[Any, ...]:
        return ()

    def approvals(self, actor: Actor, state: str | None) -> tuple[Any, ...]:
        return ()


class FakeNotices:
    def unread(self, actor: Actor) -> int:
        return 2

    def contact(self, actor: Actor) -> tuple[str, bool]:
        return "", False

    def page(self, actor: Actor, page: int) -> Page:
        text = "期限临近：首次预审意见，2026-03-10 届满"
        rows = [NoticeRow(f"n{number}", "deadline.near", text, "c1", "YS-2026-FM-000001", "一种示例装置", "c1~7", NOW,
                          number > 2) for number in (1, 2, 3)]
        return Page(rows, 3, 1, 1, {})


@dataclass
class FakeServices:
    queries: FakeQueries = field(default_factory=FakeQueries)
    identity: FakeIdentity = field(default_factory=FakeIdentity)
    files: FakeFiles = field(default_factory=FakeFiles)

    @property
    def archive(self) -> Any:
        """Files leave as they are here; what the reading room adds is tested with the services."""
        return SimpleNamespace(file=self.queries.file)
    people: Any = field(default_factory=FakePeople)
    notices: Any = field(default_factory=FakeNotices)
    deadline_pages: Any = field(default_factory=FakeDeadlinePages)
    almanac_pages: Any = None
    handoffs: Any = field(default_factory=lambda: SimpleNamespace(todo=lambda actor: 0))
    recusals: Any = None
    mentions: Any = field(default_factory=lambda: SimpleNamespace(of=lambda actor, case, text: ()))
    standing: Any = field(default_factory=lambda: SimpleNamespace(of=lambda actor, key: None))
    start_drafts: Any = field(default_factory=lambda: SimpleNamespace(
        listed=lambda actor: {}, get=lambda actor, process_id: None))
    papers: Any = field(default_factory=lambda: SimpleNamespace(own=lambda actor: ((), ())))
    hearings: Any = field(default_factory=lambda: SimpleNamespace(
        ahead=lambda actor: (), of_case=lambda actor, key: SimpleNamespace(
        case_id="c1", case_no="YS-2026-FM-000001", title="", level="L2", hearings=(), rooms=(), parties=(), plans=False,
        modes=(), parts=(), panels=())))
    receipts: Any = field(default_factory=lambda: SimpleNamespace(listed=lambda actor, key: ()))
    single_sign_on: Any = None
    clock: VirtualClock = field(default_factory=lambda: VirtualClock(NOW))
    settings: Any = field(default_factory=lambda: SimpleNamespace(
        demo=True, demo_accounts=ACCOUNTS, max_upload=20 << 20, authority_name="示例知识产权保护中心",
        two_persons=True, password_length=12, oidc_issuer=""))
    ran: list[Any] = field(default_factory=list)
    refusal: KapokError | None = None
    witnessed: list[Any] = field(default_factory=list)

    def refused(self, actor: Actor, action: str, detail: Any) -> None:
        self.witnessed.append((actor.id, action, detail))

    def run(self, command: Any, actor: Actor, idempotency_key: str | None = None) -> dict[str, Any]:
        if self.refusal is not None:
            raise self.refusal
        self.ran.append((command, actor.id, idempotency_key))
        return {"case_id": "c1", "case_no": None, "state": "active"}

    def decide(self, decision: Any, actor: Actor, idempotency_key: str | None = None) -> dict[str, Any]:
        return self.run(decision, actor, idempotency_key)

    def act(self, case: Any, action: Any, values: Any, files: Any, actor: Actor, key: str | None = None) -> Any:
        return self.run((case.id, action.code, values), actor, key)


def make_app(services: FakeServices) -> Flask:
    app = Flask("kapok-test")
    app.config.update(SECRET_KEY="only for tests", TESTING=True)
    app.register_blueprint(create_blueprint(services))
    return app

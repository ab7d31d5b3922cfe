"""The readable page of an evidence bundle: one HTML file in Chinese and English that asks nothing of any network."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape
from typing import Any

from engine.clock import LOCAL_ZONE
from engine.store.schema import encode_json

_STYLE = ("body{font:16px/1.6 system-ui,sans-serif;max-width:64rem;margin:2rem auto;padding:0 1rem;color:#1d2733}"
          "table{border-collapse:collapse;width:100%;margin:.5rem 0 2rem}th,td{border-bottom:1px solid #d8dee6;"
          "padding:.35rem .6rem;text-align:left;vertical-align:top}th{color:#54606e;font-weight:600}"
          "code{font-size:.85em;word-break:break-all}h1{font-size:1.5rem}h2{font-size:1.1rem;margin-top:2rem}"
          ".how{background:#f3f6f9;padding:.8rem 1rem;border-radius:.4rem}.nb{white-space:nowrap}"
          "dl{margin:0;display:grid;grid-template-columns:max-content 1fr;gap:0 .8rem}dt{color:#54606e}dd{margin:0;"
          "overflow-wrap:anywhere}@media print{a{color:inherit}h2{break-after:avoid}tr{break-inside:avoid}}")
_FILES = (
    ("documents/", "文书与证据原件，文件名前为序号", "papers and evidence as they were filed"),
    ("messages/", "往来消息：原始字节、签名、公钥、回执", "messages: raw bytes, signatures, keys, receipts"),
    ("history.jsonl", "案件经过全文，每行一项", "all that happened, one item a line"),
    ("chains.jsonl · heads.json", "审计链：每项含前一项的摘要", "audit chain: each entry holds the digest of the last"),
    ("anchors.jsonl · timestamps/", "每分钟锚点、时间戳机构对锚点和证据的签章",
     "anchors of each minute; countersignatures of them and of evidence"),
    ("manifest.json", "全部文件的 SHA-256", "SHA-256 of every file"),
    ("verify.py", "核验程序，只用 Python 标准库", "the verifier, standard library only"))
_NOTES = (
    ("收到的消息与我方回执的 Ed25519 签名由 <code>verify.py</code> 核验，也可用 openssl：<br>"
     "<code>openssl pkeyutl -verify -pubin -inkey in-001.body.pem -rawin "
     "-in in-001.body.signed -sigfile in-001.body.sig</code>。"
     "HMAC 签名的密钥为双方共有，不对外证明。",
     "Ed25519 signatures of received messages and of our receipts are checked by <code>verify.py</code>, or by openssl "
     "as above. HMAC keys are shared: never shown."),
    ("时间戳（RFC 3161）是否出自可信机构：<code>openssl ts -verify -data N.txt -in N.tsr -CAfile ROOT.pem</code>。",
     "Whether a timestamp (RFC 3161) is of an authority you trust: the same command."),
    ("文书原样收录，不加水印，以免破坏其签名和摘要；其查阅和导出均已留痕。",
     "Papers are included as they are, unmarked, so that signatures and digests stay valid. "
     "Views and exports are on record."),
    ("已依法删除的内容在经过中标明，其摘要仍在链中。",
     "What was erased by law says so; its digest is still in the chain."),
    ("合议等不公开内容不提供给无权查看的人，只列其 SHA-256；此时 <code>state.bin</code> 也不提供。",
     "What is closed to whoever exported this, such as deliberations, is withheld and named by its SHA-256 alone; "
     "<code>state.bin</code> is left out then."))
_KINDS = {"completed": "完成 completed", "terminated": "终止 terminated", "activated": "到达 reached",
          "variables": "数据 data", "decision": "判定 decision", "caseEnded": "案件结束 case ended",
          "deadlineArmed": "期限起算 deadline", "messageReceived": "收到消息 received", "reason": "理由 reason",
          "erased": "个人信息已删除 erased", "purged": "内容已销毁 purged", "incident": "异常 incident",
          "incidentResolved": "异常已处理 resolved", "case:suspended": "中止 suspended", "case:active": "恢复 resumed",
          "levelChanged": "密级变更 level changed", "held": "依法保留 held", "holdLifted": "解除保留 hold lifted",
          "task:claimed": "认领 claimed", "task:assigned": "指派 assigned", "task:released": "退回待认领 released",
          "messageThrown": "发出 sent", "message:delivered": "对方已接收 delivered", "document:served": "送达 served",
          "recusal:requested": "申请回避 recusal asked", "recusal:decided": "回避决定 recusal decided",
          "recusal:effective": "回避生效 recused", "case:linked": "关联案件 linked"}
_STATES = {"active": "办理中 active", "suspended": "中止 suspended", "completed": "办结 completed",
           "cancelled": "撤销 cancelled"}
_SKIPPED = frozenset({"activated"})
_LONGEST = 2_000
_WITHHELD = "<i>合议等不公开内容，未随包提供 withheld</i>"


@dataclass(frozen=True, slots=True)
class Words:
    """How people call what the record names by id: the procedure, elements of its diagram, fields of its forms and what
    is chosen there; and the numbers of the rows that hold nothing any more, or nothing for this reader."""

    procedure: str
    elements: Mapping[str, str]
    fields: Mapping[str, str]
    choices: Mapping[tuple[str, str], str]
    erased: frozenset[int] = frozenset()
    hidden: frozenset[int] = frozenset()


def index(case: Mapping[str, Any], documents: Sequence[Mapping[str, Any]], history: Sequence[Any],
          sent: Sequence[Any], received: Sequence[Any], now: datetime, words: Words) -> bytes:
    """``history`` newest first, as far as its reader is told of it (``redaction.entries``)."""
    facts = [("案号 Case number", case["case_no"]), ("名称 Title", case["title"]), ("当事人 Parties", case["parties"]),
             ("程序 Procedure", f"{words.procedure}（{case['definition']}）"),
             ("状态 State", _STATES.get(case["state"], case["state"])), ("密级 Level", case["level"]),
             ("开始 Started", _moment(case["started_at"])), ("结束 Ended", _moment(case["ended_at"])),
             ("导出 Exported", _moment(now))]
    papers = [_paper(item) for item in documents]
    lines = [(str(row.seq), _cell(row.at), escape(_KINDS.get(row.kind, row.kind)),
              escape(words.elements.get(row.element or "", row.element or "")), _content(row, words),
              escape(row.actor_name or row.actor)) for row in reversed(history)
             if row.kind not in _SKIPPED and not (row.type or "").endswith("Gateway")]
    messages = [("发出 out", escape(row.partner), escape(row.type), escape(row.state), _cell(row.created_at))
                for row in sent]
    messages += [("收到 in", escape(row.partner), escape(row.type), escape(row.status), _cell(row.received_at))
                 for row in received]
    parts = [
        _table((), [(name, escape(str(value or ""))) for name, value in facts]),
        "<h2>文书与证据 Documents and evidence</h2>",
        _table(("名称 Title", "文号 Number", "提交人 By", "时间 At", "SHA-256"), papers),
        "<h2>往来消息 Messages</h2>", _table(("", "对方 Partner", "类型 Type", "状态 State", "时间 At"), messages),
        "<h2>经过 History</h2>",
        _table(("#", "时间 At", "事项 What", "环节 Element", "内容 Content", "办理人 Who"), lines),
        "<h2>本证据包的文件 Files of this bundle</h2>",
        _table((), [(f"<code>{name}</code>", zh, en) for name, zh, en in _FILES]),
        "<h2>说明 Notes</h2>", *(f"<p>{zh}<br>{en}</p>" for zh, en in _NOTES)]
    title = escape(str(case["case_no"] or case["id"]))
    return ('<!doctype html><html lang="zh-CN"><meta charset="utf-8">'
            f"<title>{title}</title><style>{_STYLE}</style>"
            f"<h1>证据包 Evidence bundle · {title}</h1>"
            '<p class="how">核验：在本文件夹旁运行 <code>python3 verify.py 证据包.zip</code>，'
            "只需 Python，不需联网。<br>"
            "To check: run <code>python3 verify.py BUNDLE.zip</code>; it needs only Python and no network.</p>"
            f"{''.join(parts)}</html>\n").encode()


def _paper(item: Mapping[str, Any]) -> tuple[str, ...]:
    digest = f"<code>{item['sha256']}</code>"
    if item["withheld"]:
        return _WITHHELD, "", "", "", digest
    return (f'<a href="{escape(item["path"])}">{escape(item["title"])}</a>', escape(item["number"] or ""),
            escape(item["added_by"]), _cell(item["added_at"]), digest)


def _content(row: Any, words: Words) -> str:
    """What somebody wrote or what was decided, by the names of its fields; what was erased says so."""
    if row.seq in words.erased:
        return "<i>已依法删除 erased by law</i>"
    if row.seq in words.hidden:
        return _WITHHELD
    pairs = list(_pairs(row.data or {}, words))
    return "<dl>" + "".join(f"<dt>{escape(name)}</dt><dd>{escape(text)}</dd>" for name, text in pairs) + "</dl>"


def _pairs(data: Mapping[str, Any], words: Words, above: str = "") -> Iterator[tuple[str, str]]:
    for key, value in data.items():
        path = f"{above}{key}"
        if isinstance(value, Mapping):
            yield from _pairs(value, words, f"{path}.")
        elif value not in (None, "", []):
            text = words.choices.get((path, value), value) if isinstance(value, str) else encode_json(value)
            yield words.fields.get(path, path), text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    if not rows:
        return "<p>无 none</p>"
    top = "<tr>" + "".join(f"<th>{head}</th>" for head in heads) + "</tr>" if heads else ""
    body = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<table>{top}{body}</table>"


def _cell(at: datetime | None) -> str:
    return f'<span class="nb">{_moment(at)}</span>'


def _moment(at: datetime | None) -> str:
    return "" if at is None else f"{at.astimezone(LOCAL_ZONE):%Y-%m-%d %H:%M}"

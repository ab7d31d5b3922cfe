"""The readable page of an evidence bundle: one HTML file in Chinese and English that asks nothing of any network."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from html import escape
from typing import Any

from engine.clock import LOCAL_ZONE

_STYLE = ("body{font:16px/1.6 system-ui,sans-serif;max-width:64rem;margin:2rem auto;padding:0 1rem;color:#1d2733}"
          "table{border-collapse:collapse;width:100%;margin:.5rem 0 2rem}th,td{border-bottom:1px solid #d8dee6;"
          "padding:.35rem .6rem;text-align:left;vertical-align:top}th{color:#54606e;font-weight:600}"
          "code{font-size:.85em;word-break:break-all}h1{font-size:1.5rem}h2{font-size:1.1rem;margin-top:2rem}"
          ".how{background:#f3f6f9;padding:.8rem 1rem;border-radius:.4rem}")
_NOTES = ("<p>收到的消息：<code>messages/in-NNN.json</code> 写明所用公钥和指纹，"
          "<code>.body</code> 是原始字节；Ed25519 签名可离线核验："
          "<br><code>openssl pkeyutl -verify -pubin -inkey in-001.body.pem -rawin -in in-001.body.signed "
          "-sigfile in-001.body.sig</code>，我方回执同样（<code>in-001.receipt.*</code>）。"
          "HMAC 签名的密钥为双方共有，不对外证明。<br>"
          "Received messages: raw bytes, signature, public key, our signed receipt. "
          "HMAC keys are shared: never shown.</p>"
          "<p>PDF 与 OFD 原样收录，不加可见水印，以免破坏其签名；其查阅和导出均已留痕。<br>"
          "PDF and OFD files are included as they are: a visible mark would break signatures over them. "
          "Views and exports are on record.</p>")
_KINDS = {"completed": "完成 completed", "terminated": "终止 terminated", "activated": "到达 reached",
          "variables": "数据 data", "decision": "判定 decision", "caseEnded": "案件结束 case ended",
          "deadlineArmed": "期限起算 deadline", "messageReceived": "收到消息 received", "reason": "理由 reason",
          "erased": "个人信息已删除 erased", "purged": "内容已销毁 purged"}


def index(case: Mapping[str, Any], documents: Sequence[Mapping[str, Any]], history: Sequence[Any],
          sent: Sequence[Any], received: Sequence[Any], now: datetime) -> bytes:
    """``history`` newest first, as ``queries.history_of`` gives it."""
    facts = [("案号 Case number", case["case_no"]), ("名称 Title", case["title"]), ("当事人 Parties", case["parties"]),
             ("程序 Procedure", case["definition"]), ("状态 State", case["state"]), ("密级 Level", case["level"]),
             ("开始 Started", _moment(case["started_at"])), ("结束 Ended", _moment(case["ended_at"])),
             ("导出 Exported", _moment(now))]
    papers = [(f'<a href="{escape(item["path"])}">{escape(item["title"])}</a>', escape(item["number"] or ""),
               escape(item["added_by"]), _moment(item["added_at"]), f"<code>{item['sha256']}</code>")
              for item in documents]
    lines = [(str(row.seq), _moment(row.at), escape(_KINDS.get(row.kind, row.kind)), escape(row.element or ""),
              escape(row.actor_name or row.actor)) for row in reversed(history)]
    messages = [("发出 out", escape(row.partner), escape(row.type), escape(row.state), _moment(row.created_at))
                for row in sent]
    messages += [("收到 in", escape(row.partner), escape(row.type), escape(row.status), _moment(row.received_at))
                 for row in received]
    parts = [
        _table((), [(name, escape(str(value or ""))) for name, value in facts]),
        "<h2>文书与证据 Documents and evidence</h2>",
        _table(("名称 Title", "文号 Number", "提交人 By", "时间 At", "SHA-256"), papers),
        "<h2>往来消息 Messages</h2>", _table(("", "对方 Partner", "类型 Type", "状态 State", "时间 At"), messages),
        "<h2>经过 History</h2>", _table(("#", "时间 At", "事项 What", "环节 Element", "办理人 Who"), lines)]
    title = escape(str(case["case_no"] or case["id"]))
    return ('<!doctype html><html lang="zh-CN"><meta charset="utf-8">'
            f"<title>{title}</title><style>{_STYLE}</style>"
            f"<h1>证据包 Evidence bundle · {title}</h1>"
            '<p class="how">核验：在本文件夹旁运行 <code>python3 verify.py 证据包.zip</code>，'
            "只需 Python，不需联网。<br>"
            "To check: run <code>python3 verify.py BUNDLE.zip</code>; it needs only Python and no network.</p>"
            f"{_NOTES}"
            f"{''.join(parts)}</html>\n").encode()


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    if not rows:
        return "<p>无 none</p>"
    top = "<tr>" + "".join(f"<th>{head}</th>" for head in heads) + "</tr>" if heads else ""
    body = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<table>{top}{body}</table>"


def _moment(at: datetime | None) -> str:
    return "" if at is None else f"{at.astimezone(LOCAL_ZONE):%Y-%m-%d %H:%M}"

"""The sandbox partner's page: what it may send, how it answers, what it has seen. Chinese; English by ``?lang=en``."""

import html
import json
from collections.abc import Mapping, Sequence
from typing import Any

from webhooks.catalogue import Catalogue
from webhooks.sandbox.postman import FAULTS

FAULT_WORDS = {
    "": ("正常发送", "send rightly"),
    "wrong_signature": ("签名错误", "wrong signature"),
    "stale": ("十分钟前的签名", "signed ten minutes ago"),
    "other_body": ("同一编号，另一内容", "same id, another body"),
    "malformed": ("不是 JSON", "not JSON"),
    "duplicate": ("发两遍", "sent twice"),
    "replay": ("连同上一条再发", "with the previous one again"),
    "reordered": ("压到下一条之后", "held back behind the next"),
}
MODE_WORDS = {
    "normal": ("正常应答", "answer rightly"),
    "slow": ("很慢（30 秒）", "slow (30 s)"),
    "status": ("答 500", "answer 500"),
    "drop": ("断开连接", "hang up"),
    "no_receipt": ("回执不签名", "receipt not signed"),
    "bad_receipt": ("回执签名错误", "receipt signed wrongly"),
    "redirect": ("转到别处", "redirect"),
    "large": ("应答过大", "answer too large"),
}
EVENT_WORDS = {
    "received": ("收到", "received"),
    "queued": ("待发", "queued"),
    "sent": ("已发", "sent"),
    "tried": ("重发中", "to be sent again"),
    "failed": ("未成", "failed"),
    "refused": ("拒收", "refused"),
}
_WORDS = {
    "note": ("沙箱伙伴，只用于测试：它验签、签收、按目录自动答复，也能按要求捣乱。",
             "A sandbox partner, for tests only: it verifies, acknowledges, answers from the catalogue, and misbehaves "
             "on request."),
    "to": ("发往", "sends to"), "nowhere": ("尚未设定", "not set yet"), "other": ("English", "中文"),
    "send": ("发一条消息", "Send a message"), "type": ("类型", "type"),
    "fault": ("怎样发", "how"), "go": ("发送", "Send"), "mode": ("方式", "way"), "times": ("次数", "times"),
    "answer": ("怎样应答以后的来信", "How to answer what comes"), "set": ("设定", "Set"),
    "log": ("收发记录", "Log"), "none": ("还没有。", "Nothing yet."),
}


def render(title: str, code: str, url: str | None, mode: str, catalogue: Catalogue, replies: Sequence[str],
           log: Sequence[Mapping[str, Any]], lang: str) -> str:
    """The whole page. ``replies``: the types this kind sends, which come first; ``log``: oldest first."""
    at = 1 if lang == "en" else 0
    words = {name: html.escape(pair[at]) for name, pair in _WORDS.items()}
    names = [*replies, *(name for name in catalogue.types if name not in replies)]
    examples = {name: catalogue.example(name) for name in names}
    return _PAGE.format(
        lang=("zh-CN", "en")[at], other=("en", "zh")[at], title=html.escape(title), code=html.escape(code),
        url=html.escape(url or _WORDS["nowhere"][at]), w=words, style=_STYLE, script=_SCRIPT,
        types="".join(f'<option value="{name}">{name} · {html.escape(catalogue.message(name).title)}</option>'
                      for name in names),
        faults=_options({name: FAULT_WORDS[name][at] for name in ("", *FAULTS)}, ""),
        modes=_options({name: pair[at] for name, pair in MODE_WORDS.items()}, mode),
        examples=json.dumps(examples, ensure_ascii=False).replace("<", "\\u003c"),
        rows="".join(_row(entry, _types(log), at) for entry in reversed(log)) or f"<p>{words['none']}</p>")


def _options(words: Mapping[str, str], chosen: str) -> str:
    return "".join(f'<option value="{name}"{" selected" if name == chosen else ""}>{html.escape(word)}</option>'
                   for name, word in words.items())


def _types(log: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Which type of message an id stands for."""
    letters = [letter for entry in log for letter in entry.get("letters", ())]
    return {letter["msg_id"]: json.loads(letter["body"])["type"] for letter in letters}


def _row(entry: Mapping[str, Any], types: Mapping[str, str], at: int) -> str:
    """One line that says what happened, with the whole entry folded below."""
    event, msg_id = str(entry["event"]), str(entry.get("msg_id", ""))
    event = "failed" if event == "sent" and entry.get("outcome") != "delivered" else event
    queued = " + ".join(types[letter["msg_id"]] for letter in entry.get("letters", ()) if event == "queued")
    fault = FAULT_WORDS[entry["fault"]][at] if entry.get("fault") else ""
    kind = entry.get("type") or types.get(msg_id) or queued
    said = [kind, fault, entry.get("status"), entry.get("detail"), msg_id[:8]]
    about = html.escape(" · ".join(str(part) for part in said if part))
    word, moment = html.escape(EVENT_WORDS[event][at]), html.escape(entry["at"][11:19])
    whole = html.escape(json.dumps(entry, ensure_ascii=False, indent=1))
    return (f'<details class="{event}"><summary><b>{word}</b><time>{moment}</time><span>{about}</span></summary>'
            f"<pre>{whole}</pre></details>")


_STYLE = """
*{box-sizing:border-box}
body{font:16px/1.5 system-ui,"Noto Sans CJK SC",sans-serif;margin:0;background:#f5f6f8;color:#1c2733}
header{background:#7a1f1f;color:#fff;padding:.8rem 1.5rem;display:flex;gap:1rem;align-items:baseline;flex-wrap:wrap}
h1{font-size:1.25rem;margin:0} header a{color:#fff;margin-left:auto} h2{font-size:1.05rem;margin:0 0 .7rem}
main{display:grid;grid-template-columns:minmax(0,5fr) minmax(0,6fr);gap:1rem;padding:1rem 1.5rem;max-width:88rem;
margin:auto}
section{background:#fff;border:1px solid #d9dee5;border-radius:6px;padding:1rem;margin-bottom:1rem}
.note{grid-column:1/-1;margin:0} label{display:block;margin-bottom:.6rem;font-size:.9rem;color:#46566a}
select,textarea,input{width:100%;font:inherit;padding:.35rem;border:1px solid #b9c2ce;border-radius:4px;
background:#fff;color:#1c2733}
textarea{font:13px/1.4 ui-monospace,monospace;height:4.2rem} #payload{height:9.5rem}
button{font:inherit;padding:.4rem 1.2rem;border:0;border-radius:4px;background:#7a1f1f;color:#fff;cursor:pointer}
.pair{display:grid;grid-template-columns:1fr 7rem;gap:.7rem}
output{margin-left:.8rem;font-size:.9rem;overflow-wrap:anywhere}
details{border-top:1px solid #e6e9ee;padding:.35rem 0}
summary{display:grid;grid-template-columns:5.5em 5em minmax(0,1fr);gap:.7rem;cursor:pointer;align-items:baseline}
summary span{overflow-wrap:anywhere} time{color:#46566a;font-variant-numeric:tabular-nums}
summary b{color:#1d5e9e} .refused b,.tried b,.failed b{color:#a32020} .sent b{color:#1f6b35}
pre{font-size:12px;background:#f5f6f8;padding:.5rem;overflow:auto;max-height:18rem;white-space:pre-wrap;
overflow-wrap:anywhere}
@media(max-width:60rem){main{grid-template-columns:minmax(0,1fr);padding:.7rem}}
"""
_SCRIPT = """
const $ = id => document.getElementById(id);
const show = () => { for (const part of ["correlation", "payload"])
  $(part).value = JSON.stringify(examples[$("type").value][part], null, 1); };
const post = async (action, make) => {
  try {
    const answer = await fetch("/control/" + action,
      {method: "POST", headers: {"content-type": "application/json"}, body: JSON.stringify(make())});
    $("said").textContent = await answer.text();
    if (answer.ok) setTimeout(() => location.reload(), 800);
  } catch (error) { $("said").textContent = error; }
};
$("type").onchange = show;
$("send").onclick = () => post("send", () => ({type: $("type").value, fault: $("fault").value,
  correlation: JSON.parse($("correlation").value), payload: JSON.parse($("payload").value)}));
$("behave").onclick = () => post("behave", () => ({mode: $("mode").value, times: Number($("times").value)}));
show();
"""
_PAGE = """<!doctype html><html lang="{lang}"><meta charset="utf-8">
<meta name="viewport" content="width=device-width"><title>{title} · {code}</title><style>{style}</style>
<header><h1>{title}</h1><span>{code}</span><span>{w[to]} {url}</span><a href="?lang={other}">{w[other]}</a></header>
<main><p class="note">{w[note]}</p>
<div><section><h2>{w[send]}</h2>
<label>{w[type]}<select id="type">{types}</select></label>
<label>{w[fault]}<select id="fault">{faults}</select></label>
<label>correlation<textarea id="correlation" spellcheck="false"></textarea></label>
<label>payload<textarea id="payload" spellcheck="false"></textarea></label>
<button id="send">{w[go]}</button><output id="said" role="status"></output></section>
<section><h2>{w[answer]}</h2><div class="pair"><label>{w[mode]}<select id="mode">{modes}</select></label>
<label>{w[times]}<input id="times" type="number" value="1" min="1"></label></div>
<button id="behave">{w[set]}</button></section></div>
<section><h2>{w[log]}</h2>{rows}</section></main>
<script>const examples = {examples};{script}</script>
"""

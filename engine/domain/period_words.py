"""Why a deadline falls on its day, in one sentence that anybody understands: ``9月8日受理＋30日＝10月8日``.

The whole formula with its articles is ``period_texts``; here stands only what moved the day, in the same two languages.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from engine.domain.period_texts import UNIT_TEXTS, Text, day_in

_EVENT: Mapping[str, Text] = {
    "delivery.lag": Text("{dispatched}发文，推定{received}送达", "Sent {dispatched}, deemed received {received}"),
    "delivery.announce": Text("{dispatched}公告，{received}视为送达", "Announced {dispatched}, received {received}"),
    "delivery.proven": Text("{dispatched}发文，实际{received}收到", "Sent {dispatched}, in fact received {received}"),
}
_USUAL = Text("{received}{starts}", "{received} ({starts})")
_WORDS: Mapping[str, Text] = {
    "interrupted": Text("，{start}起重新计算", ", anew from {start}"),
    "length": Text("＋{length}＝{end}", " + {length} = {end}"),
    "length.clamped": Text("＋{length}＝{end}（当月最后一日）", " + {length} = {end} (last day of the month)"),
    "length.back": Text("往前{length}＝{end}", ", {length} back = {end}"),
    "extension": Text("，准予延长{length}", ", extended by {length}"),
    "pause": Text("，{reason}停 {days} 日，至{end}", ", {reason}: {days} days not counted, to {end}"),
    "pause.workdays": Text("，{first}至{last}不计（{reason}）", ", without {first} to {last} ({reason})"),
    "end.minus_one": Text("（相应日的前一日）", " (the day before the corresponding one)"),
    "roll.makeup_stands": Text("，调休上班日，不顺延", ", a make-up working day, so it stands"),
    "roll.rest": Text("，逢{why}，顺延至{due}", ", {why_en}, so moved to {due}"),
    "roll.makeup_rest": Text("，周休日（调休上班），顺延至{due}", ", a weekly rest day, so moved to {due}"),
    "roll.over_makeup": Text("，再顺延至{due}", ", then to {due}"),
    "back.rest_day": Text("，休息日，请提前办理", ", a rest day: act before it"),
    "override": Text("；经两人核准定为{due}", "; set to {due} by two persons"),
    "announced": Text("；依公告顺延至{due}", "; moved to {due} under an announcement"),
    "provisional": Text("（放假安排公布前暂定）", " (until the holidays are published)"),
    "earlier": Text("；两个期限取先到的{due}", "; of two limits the earlier, {due}"),
    "later": Text("；两个期限取后到的{due}", "; of two limits the later, {due}"),
}
"""What changes the day; other steps say that nothing changed."""
_STARTS = Text("起算", "start")


def why(computation: Mapping[str, Any], language: str) -> str:
    """One sentence from the record of a deadline. A year is said where days of several years stand together."""
    steps: Sequence[Mapping[str, Any]] = computation.get("steps", ())
    years = {found.year for step in steps for value in step["params"].values() if (found := day_in(value)) is not None}
    starts = (computation.get("starts") or {}).get(language) or _STARTS.text(language)
    parts = []
    for step in steps:
        code = step["code"]
        words = _EVENT.get(code, _USUAL) if code.startswith("delivery.") else _WORDS.get(code)
        if words is not None:
            params = {"starts": starts, **{key: _said(value, language, len(years) > 1)
                                           for key, value in step["params"].items()}}
            parts.append(words.text(language).format_map({**params, "length": _length(step["params"], language)}))
    return "".join(parts)


def _length(params: Mapping[str, Any], language: str) -> str:
    if "unit" not in params:
        return ""
    unit = UNIT_TEXTS[params["unit"]].text(language)
    count = params["count"]
    if language.lower().startswith("zh"):
        return f"{count} {unit}"
    return f"{count} {unit.replace('(s)', '' if count == 1 else 's')}"


def _said(value: Any, language: str, year: bool) -> Any:
    on = day_in(value)
    if on is None:
        return value
    if language.lower().startswith("zh"):
        return f"{on.year}年{on.month}月{on.day}日" if year else f"{on.month}月{on.day}日"
    return f"{on.day} {on:%b} {on.year}" if year else f"{on.day} {on:%b}"

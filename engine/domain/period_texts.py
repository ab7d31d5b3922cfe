"""What a computed period says about itself: text in two languages, and steps that are stored as code and parameters.

A step is kept with the deadline for years, so its parameters are plain JSON values and its code never changes meaning.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

WEEKDAYS_ZH = "一二三四五六日"
WEEKDAYS_EN = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


class Text(NamedTuple):
    """The same words in Chinese and in English."""

    zh: str
    en: str

    def text(self, language: str) -> str:
        """``language`` is a tag such as ``zh``, ``zh-CN`` or ``en``; everything that is not Chinese reads English."""
        return self.zh if language.lower().startswith("zh") else self.en


UNIT_TEXTS: Mapping[str, Text] = {
    "day": Text("日", "day(s)"),
    "month": Text("个月", "month(s)"),
    "year": Text("年", "year(s)"),
    "workday": Text("个工作日", "working day(s)"),
}

TEMPLATES: Mapping[str, Text] = {
    "delivery.none": Text("起算事由发生于{received}", "The event that starts the period is on {received}"),
    "delivery.entry": Text(
        "{dispatched}电子发文，进入当事人认可的系统之日即送达：{received}",
        "Sent electronically on {dispatched}; received on the day it enters the recognised system: {received}",
    ),
    "delivery.lag": Text(
        "{dispatched}发文＋{days}日＝推定送达{received}",
        "Dispatched on {dispatched} + {days} days = deemed received on {received}",
    ),
    "delivery.hand": Text(
        "当面送交，交付之日{received}即送达；审查指南另作＋15日（{other}），须人工确认",
        "Handed over, received on {received}; the Guidelines read +15 days ({other}) instead: to be confirmed",
    ),
    "delivery.announce": Text(
        "{dispatched}公告，公告期满即送达：{received}",
        "Announced on {dispatched}; received when the announcement period is over: {received}",
    ),
    "delivery.postmark": Text("以寄出邮戳日为准：{received}", "The postmark decides: {received}"),
    "delivery.arrival": Text(
        "到达受送达人特定系统之日即送达：{received}",
        "Received on the day of arrival at the addressee's system: {received}",
    ),
    "delivery.card": Text("以回执注明的收件日为准：{received}", "The day on the receipt card decides: {received}"),
    "delivery.left": Text(
        "留置送达，留置之日{received}即送达", "Left with witnesses or photographed on {received}: received on that day"
    ),
    "delivery.portal": Text(
        "经同意送达至门户账户之日：{received}（短信仅作提醒）",
        "Received on the day it enters the portal account, with consent: {received} (an SMS only reminds)",
    ),
    "delivery.proven": Text(
        "{dispatched}发文，以证明或者公告所定的{received}为送达日",
        "Dispatched on {dispatched}; received on {received} instead, as proven or announced",
    ),
    "start.rest_day": Text(
        "送达日（起算日）{start}逢休息日，起算日不顺延", "The start {start} is a rest day; a start is never shifted"
    ),
    "start.excluded": Text("{start}当日不计入", "The day {start} itself is not counted"),
    "interrupted": Text(
        "{on}中断（{reason}），自{start}起重新计算", "Interrupted on {on} ({reason}); runs anew from {start}"
    ),
    "interrupted.late": Text(
        "{on}的事由（{reason}）在期满（{due}）之后，不发生中断",
        "The act of {on} ({reason}) came after expiry on {due} and interrupts nothing",
    ),
    "length": Text("＋{count}{unit}＝{end}", "+ {count} {unit} = {end}"),
    "length.clamped": Text(
        "＋{count}{unit}：该月无相应日，以该月最后一日为届满日＝{end}",
        "+ {count} {unit}: that month has no corresponding day, so its last day = {end}",
    ),
    "length.back": Text("向前倒数{count}{unit}＝{end}", "Counted back {count} {unit} = {end}"),
    "extension": Text(
        "准予延长{count}{unit}，自原起算日{start}起合并计算",
        "Extended by {count} {unit}, counted together from the original start {start}",
    ),
    "pause": Text(
        "{first}至{last}不计入（{reason}），顺延{days}日＝{end}",
        "{first} to {last} not counted ({reason}): moved by {days} day(s) = {end}",
    ),
    "pause.workdays": Text(
        "{first}至{last}不计入（{reason}），其间的工作日跳过",
        "{first} to {last} not counted ({reason}): the working days in it are skipped",
    ),
    "pause.outside": Text(
        "{first}至{last}的暂停（{reason}）不在期间之内，不影响",
        "The pause {first} to {last} ({reason}) lies outside the period and changes nothing",
    ),
    "end.minus_one": Text(
        "有效期以相应日的前一日为届满日＝{end}，遇节假日不顺延",
        "A term of validity ends the day before the corresponding day = {end}, and is not moved for holidays",
    ),
    "roll.none": Text("{end}不是休息日，即为届满日", "{end} is not a rest day and stands"),
    "roll.makeup_stands": Text(
        "{end}为调休上班日，视为工作日，不顺延", "{end} is a make-up working day, counted as a working day, and stands"
    ),
    "roll.rest": Text(
        "{end}逢{why}，顺延至其后第一个工作日{due}", "{end} is {why_en}; moved to the first working day after it, {due}"
    ),
    "roll.makeup_rest": Text(
        "{end}虽为调休上班日，但属周休息日，顺延至{due}",
        "{end} is a make-up working day but remains a weekly rest day; moved to {due}",
    ),
    "roll.over_makeup": Text(
        "其后第一个工作日{passed}为周休息日（调休上班日），再顺延至{due}",
        "The first working day after it, {passed}, is a weekly rest day (made up), so moved on to {due}",
    ),
    "roll.never": Text("届满日遇节假日不顺延：{due}", "The end is not moved for holidays: {due}"),
    "roll.workday": Text("按工作日计算，届满日必为工作日：{due}", "Counted in working days, so it ends on one: {due}"),
    "back.rest_day": Text(
        "注意：{due}是休息日，请提前办理", "Warning: {due} is a rest day; act before it"
    ),
    "override": Text(
        "经两人核准，届满日定为{due}（原算{computed}；{reason}）",
        "Set to {due} by two persons (computed: {computed}; {reason})",
    ),
    "announced": Text(
        "依公告统一顺延至{due}（原算{computed}；{reason}）",
        "Moved to {due} under an announcement (computed: {computed}; {reason})",
    ),
    "provisional": Text(
        "所涉日期超出已发布的放假安排，仅按周末推算，待公布后重算",
        "Days outside the published calendar: weekends only; to be computed again when it is published",
    ),
    "alternative": Text("另一算法：{due}（{why}）", "The other reading: {due} ({why_en})"),
    "earlier": Text(
        "两个期限取其先到者：{due}（另一为{other}）", "The earlier of two limits binds: {due} (other: {other})"
    ),
    "later": Text(
        "两个期限取其后到者：{due}（另一为{other}）", "The later of two limits counts: {due} (other: {other})"
    ),
}
"""Every step code with its words. A code that was ever stored stays here."""


@dataclass(frozen=True)
class Step:
    """One line of a computation: ``code`` names the words, ``params`` fill them, ``article`` is the source."""

    code: str
    params: Mapping[str, Any]
    article: str = ""

    @classmethod
    def of(cls, code: str, article: str = "", **params: Any) -> "Step":
        """A step whose days are kept as ISO text, so that it can be stored as JSON."""
        plain = {k: v.isoformat() if isinstance(v, date) else v for k, v in params.items() if v is not None}
        return cls(code, plain, article)

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> "Step":
        return cls(record["code"], dict(record["params"]), record["article"])

    def as_record(self) -> dict[str, Any]:
        return {"code": self.code, "params": dict(self.params), "article": self.article}

    def text(self, language: str = "zh") -> str:
        """The line as a sentence in ``zh`` or ``en``, its article in brackets, its days as ISO text for programs."""
        return self._filled(language, _iso_day) + self._source(language)

    def spoken(self, language: str = "zh", article: bool = False) -> str:
        """The line for people: its days as they say them, its article only where it is asked for."""
        return self._filled(language, day_said) + (self._source(language) if article else "")

    def _source(self, language: str) -> str:
        return Text(f"（{self.article}）", f" [{self.article}]").text(language) if self.article else ""

    def _filled(self, language: str, said: Callable[[date, str], str]) -> str:
        words = {key: _shown(key, value, language, said) for key, value in self.params.items()}
        return TEMPLATES[self.code].text(language).format_map(words)


def day_said(on: date, language: str) -> str:
    """``2026年2月24日（周二）`` / ``Tue 24 Feb 2026``."""
    if language.lower().startswith("zh"):
        return f"{on.year}年{on.month}月{on.day}日（周{WEEKDAYS_ZH[on.weekday()]}）"
    return f"{WEEKDAYS_EN[on.weekday()]} {on.day} {on:%b} {on.year}"


def day_in(value: Any) -> date | None:
    """The day that a parameter of a step is; None when it is something else."""
    if not isinstance(value, str) or len(value) != len("2026-02-24"):
        return None
    try:
        return date.fromisoformat(value)
    except ValueError:
        return None


_DAYS = re.compile(r"(?<![\w-])\d{4}-\d\d-\d\d(?![\w-])")


def days_said(line: str, language: str) -> str:
    """A line in which days stand as programs write them, for people."""
    def said(found: re.Match[str]) -> str:
        on = day_in(found[0])
        return found[0] if on is None else day_said(on, language)
    return _DAYS.sub(said, line)


def _iso_day(on: date, language: str) -> str:
    chinese = language.lower().startswith("zh")
    return f"{on}（周{WEEKDAYS_ZH[on.weekday()]}）" if chinese else f"{on} ({WEEKDAYS_EN[on.weekday()]})"


def _shown(key: str, value: Any, language: str, said: Callable[[date, str], str]) -> str:
    if value == "":
        return Text("未注明", "not stated").text(language)
    if key == "unit":
        return UNIT_TEXTS[value].text(language)
    on = day_in(value)
    return str(value) if on is None else said(on, language)

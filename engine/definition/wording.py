"""Findings in the reader's language: a finding carries English; Chinese is said from its rule and parameters."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from engine.definition.chinese import CHINESE, WORDS
from engine.definition.model import Finding

SEVERITIES = {"error": "错误", "warning": "提示"}
OURS = frozenset({"attribute", "count", "direction", "end", "expected", "found", "kind", "language", "missing", "other",
                  "position", "reason", "source", "trigger", "what"})
"""Parameters that hold words of ours; all others are quoted from the file as they are."""

_PHRASES: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], str]], ...] = tuple(
    (re.compile(pattern), say) for pattern, say in (
        (r"an? (\w+) event", lambda found: f"是{_word(found[1])}事件"),
        (r"an? (\w+)", lambda found: f"是{_word(found[1])}"),
        (r"it throws a (\w+)", lambda found: f"它抛出的是{_word(found[1])}"),
        (r"its (\w+) has none", lambda found: f"它的{_word(found[1])}没有"),
        (r"it has (\S+)", lambda found: f"它有 {found[1]}"),
        (r"'(.+)' is not marked", lambda found: f"“{found[1]}”没有标记"),
        (r"'(.+)' is in another scope", lambda found: f"“{found[1]}”在另一个范围内"),
        (r"the input mapping of '(.*)'", lambda found: f"输入映射“{found[1]}”"),
        (r"the output mapping of '(.*)'", lambda found: f"输出映射“{found[1]}”"),
        (r"no (\w+) lists it", lambda found: f"没有 {found[1]} 列出它"),
        (r"'(.+)' is in its (\w+) but not in its (\w+)",
         lambda found: f"“{found[1]}”在 {found[2]} 中，但不在 {found[3]} 中"),
        (r"'(.+)' in its (\w+) does not name it in return",
         lambda found: f"{found[2]} 中的“{found[1]}”没有反过来指明它"),
        (r"it is not JSON: (.*)", lambda found: f"不是 JSON：{found[1]}"),
        (r"Element '([^']+)': This element is not expected\b.*", lambda found: f"此处不应出现元素 {found[1]}"),
        (r"Element '([^']+)', attribute '([^']+)': The attribute '[^']+' is not allowed",
         lambda found: f"元素 {found[1]} 不允许有属性 {found[2]}"),
        (r"Element '([^']+)': The attribute '([^']+)' is required but missing",
         lambda found: f"元素 {found[1]} 缺少必需的属性 {found[2]}"),
    ))


def say(finding: Finding, language: str) -> str:
    """The sentence about a finding in ``language`` ("zh" or "en"); what has no Chinese is said in English."""
    template = CHINESE.get(finding.rule) if language.startswith("zh") else None
    if template is None:
        return finding.message
    params = {name: _said(name, value) for name, value in finding.params.items()}
    params.update({name.removesuffix("_zh"): value for name, value in finding.params.items() if name.endswith("_zh")})
    return template.format(**{"element": finding.element, **params})


def kept(finding: Finding) -> dict[str, Any]:
    """A finding as plain values, to be said later by ``kept_said``."""
    return {"file": finding.file, "element": finding.element, "rule": finding.rule, "severity": finding.severity,
            "message": finding.message, "line": finding.line, "params": dict(finding.params)}


def kept_said(values: Mapping[str, Any], language: str) -> str:
    """The sentence about a kept finding; one that was kept without its parameters is said in English."""
    return say(Finding(**values), language) if "params" in values else str(values["message"])


def severity(finding: Finding, language: str) -> str:
    return SEVERITIES[finding.severity] if language.startswith("zh") else finding.severity


def _said(name: str, value: Any) -> Any:
    return _phrase(value) if name in OURS and isinstance(value, str) else value


def _phrase(text: str) -> str:
    if text in WORDS:
        return WORDS[text]
    for pattern, say_it in _PHRASES:
        found = pattern.fullmatch(text)
        if found is not None:
            return say_it(found)
    parts = re.split(r", | or ", text)
    return "、".join(_word(part) for part in parts) if all(part in WORDS for part in parts) else text


def _word(text: str) -> str:
    return WORDS.get(text, text)

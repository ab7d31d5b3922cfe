"""What somebody may do to a deadline now, and what the law bars; the handlers of the commands judge again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from engine.domain import delivery
from engine.domain.actors import Actor
from engine.domain.deadline_rules import Rule
from engine.domain.permissions import may
from engine.domain.wait_numbers import is_by_hand
from engine.store import deadlines as rows

RIGHTS = {
    "extend": "deadline.extend", "pause": "deadline.change", "resume": "deadline.change", "prove": "deadline.change",
    "interrupt": "deadline.change", "override": "deadline.override", "confirm": "deadline.confirm",
    "accept": "deadline.confirm", "restore": "deadline.change", "close": "deadline.change"}
"""Act → the right it takes."""


@dataclass(frozen=True, slots=True)
class Offers:
    """``may``: the acts offered, each with what the rule says of it (may be empty); ``barred``: acts with the article
    that bars them."""

    may: tuple[tuple[str, str], ...] = ()
    barred: tuple[tuple[str, str], ...] = ()


def offers(actor: Actor, row: Any, rule: Rule, unsettled: bool, language: str) -> Offers:
    """``unsettled``: an expired deadline still waits for a person's decision."""
    allowed, barred = [], []
    for act in _fitting(row, unsettled):
        if not may(actor, RIGHTS[act]):
            continue
        article = _bar(act, row, rule)
        if article is None:
            allowed.append((act, _said(act, rule, language)))
        else:
            barred.append((act, article))
    return Offers(tuple(allowed), tuple(barred))


def _fitting(row: Any, unsettled: bool) -> Iterator[str]:
    """The acts that the state of the deadline leaves, whoever asks."""
    if row.state in rows.OPEN:
        yield "extend"
        yield "pause" if row.state == "running" else "resume"
        if _presumed(row.terms.get("delivery", "none")):
            yield "prove"
        if row.state == "running":
            yield "interrupt"
        yield "override"
        if is_by_hand(row.wait):
            yield "close"
    if unsettled:
        yield from ("confirm", "accept")
    if row.state == "expired":
        yield "restore"


def _presumed(code: str) -> bool:
    return any(rule.presumed for rule in delivery.RULES.get(code, ()))


def _bar(act: str, row: Any, rule: Rule) -> str | None:
    """The article that bars an act; None when none does."""
    bars = {"extend": not rule.extension.allowed or "extension" in row.terms, "pause": rule.suspension is None,
            "interrupt": not rule.interruptible, "restore": rule.restore is None}
    if not bars.get(act, False):
        return None
    return (rule.extension.article if act == "extend" else "") or rule.articles


def _said(act: str, rule: Rule, language: str) -> str:
    if act == "extend":
        return " ".join(filter(None, (rule.extension.condition.text(language), rule.extension.article)))
    if act == "pause" and rule.suspension is not None:
        return " ".join(filter(None, (rule.suspension.reasons.text(language), rule.suspension.article)))
    return ""

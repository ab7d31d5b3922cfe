"""Delivery (送达): from the day of dispatch to the day that the law takes as the day of receipt.

A rule has dated versions; the day of dispatch selects the one that governs. A presumed day on a rest day is never
shifted (遇休假日不顺延, 审查指南 V-7-2.3). The article stands beside each rule.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from engine.domain.calendar import add_months
from engine.domain.period_texts import Step
from engine.errors import InvalidInput, Phrase

ELECTRONIC_LAG_ENDS = date(2024, 1, 20)
"""From this day an electronic document of CNIPA counts as received when it enters the system (细则 2023, art. 4)."""


@dataclass(frozen=True)
class DeliveryRule:
    """How the day of receipt follows from the day of dispatch.

    ``days`` and ``months`` are added to the day of dispatch; ``presumed`` says that a proven day of receipt replaces
    the result; ``conflict_days`` is the lag of a second text that may apply instead.
    """

    code: str
    article: str
    mark: str
    days: int = 0
    months: int = 0
    presumed: bool = False
    conflict_days: int | None = None
    until: date | None = None


@dataclass(frozen=True)
class Receipt:
    """The legal day of receipt, how it was found, and the other day when two texts differ."""

    received_on: date
    steps: tuple[Step, ...]
    rule: DeliveryRule
    other_on: date | None = None


RULES: Mapping[str, tuple[DeliveryRule, ...]] = {
    "none": (DeliveryRule("none", "", "a"),),
    "cnipa.electronic": (
        DeliveryRule("lag", "专利法实施细则(2010)4", "b", days=15, presumed=True, until=ELECTRONIC_LAG_ENDS),
        DeliveryRule("entry", "专利法实施细则4(7); 审查指南 V-6-2.3.1", "a", presumed=True),
    ),
    "cnipa.post": (DeliveryRule("lag", "专利法实施细则4(4)", "a", days=15, presumed=True),),
    "cnipa.hand": (DeliveryRule("hand", "专利法实施细则4(5)", "a/c", conflict_days=15),),
    "cnipa.announce": (DeliveryRule("announce", "专利法实施细则4(6); 审查指南 V-6-2.3.2", "a", months=1),),
    "party.filing.post": (DeliveryRule("postmark", "专利法实施细则4(1)", "a", presumed=True),),
    "party.filing.electronic": (DeliveryRule("entry", "专利法实施细则4(2)", "a"),),
    "court.electronic": (DeliveryRule("arrival", "民事诉讼法90; 民诉法解释135; 在线诉讼规则31", "a", presumed=True),),
    "court.post": (DeliveryRule("card", "民事诉讼法91", "a"),),
    "court.announce": (DeliveryRule("announce", "民事诉讼法95", "a", days=30),),
    "court.leave": (DeliveryRule("left", "民事诉讼法89", "a"),),
    "tm.electronic": (DeliveryRule("lag", "商标法实施条例10", "a", days=15, presumed=True),),
    "tm.post": (DeliveryRule("lag", "商标法实施条例10", "a", days=15, presumed=True),),
    "center.electronic": (DeliveryRule("portal", "本地规则（参照民事诉讼法90）", "c"),),
}
"""Every delivery rule by key; versions of a key stand oldest first."""


def rule_for(key: str, dispatched_on: date) -> DeliveryRule:
    """The version of a delivery rule that governs a document of this day. An unknown key raises ``InvalidInput``."""
    if key not in RULES:
        raise InvalidInput(expected=Phrase("a delivery rule out of {names}", names=', '.join(RULES)),
                           found=repr(key), where="delivery")
    return next(rule for rule in RULES[key] if rule.until is None or dispatched_on < rule.until)


def receive(key: str, dispatched_on: date, proven_on: date | None = None) -> Receipt:
    """The legal day of receipt of something dispatched (or done) on a day.

    ``proven_on`` is a day of actual receipt that somebody proved; it replaces a presumed day only. Raises
    ``InvalidInput`` for an unknown rule, a rule that admits no other day, or a proven day before dispatch.
    """
    rule = rule_for(key, dispatched_on)
    if proven_on is not None:
        return _proven(key, rule, dispatched_on, proven_on)
    received_on = add_months(dispatched_on, rule.months) + timedelta(days=rule.days)
    other_on = None if rule.conflict_days is None else dispatched_on + timedelta(days=rule.conflict_days)
    params = {"rule": key, "dispatched": dispatched_on, "received": received_on, "days": rule.days, "other": other_on}
    step = Step.of(f"delivery.{rule.code}", rule.article, **params)
    return Receipt(received_on, (step,), rule, other_on)


def _proven(key: str, rule: DeliveryRule, dispatched_on: date, proven_on: date) -> Receipt:
    if not rule.presumed:
        expected = Phrase("no proven day of receipt, because the rule {key} presumes none", key=key)
        raise InvalidInput(expected=expected, found=proven_on.isoformat(), where="proven day of receipt")
    if proven_on < dispatched_on:
        expected = Phrase("a proven day of receipt not before the dispatch on {dispatched_on}",
                          dispatched_on=dispatched_on.isoformat())
        raise InvalidInput(expected=expected, found=proven_on.isoformat(), where="proven day of receipt")
    step = Step.of("delivery.proven", rule.article, rule=key, dispatched=dispatched_on, received=proven_on)
    return Receipt(proven_on, (step,), rule)

"""Papers (文书) from the first draft to the seal, and how each way of service (送达) sets the legal day of receipt.

    draft ── submit ──▶ submitted ── approve (another than who wrote it) ──▶ approved ── issue ──▶ issued
      ▲                     │                                                   │      (number, seal, file)
      └── write / return ◀──┴──────────────────── write / return ◀──────────────┘

    A draft may be approved without being submitted; all that is not issued may be withdrawn.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

MOVES: Mapping[str, Mapping[str, str]] = {
    "draft": {"submit": "submitted", "write": "draft", "return": "draft", "approve": "approved",
              "withdraw": "withdrawn"},
    "submitted": {"write": "draft", "return": "draft", "approve": "approved", "withdraw": "withdrawn"},
    "approved": {"write": "draft", "return": "draft", "issue": "issued", "withdraw": "withdrawn"},
    "issued": {},
    "withdrawn": {},
}
"""State → what may be done with a paper → the state after it."""

NUMBER_MARK, DAY_MARK = "［编号待定］", "［日期待定］"
"""What stands in a draft where the number and the day of issue will be; filled in as the paper is issued."""


@dataclass(frozen=True, slots=True)
class Mode:
    """A way of service. ``rule``: key of the delivery rule; ``at_dispatch``: the legal day follows from the dispatch
    and waits for no receipt; ``consent``: only with the recipient's consent, by ``article``."""

    rule: str
    article: str
    at_dispatch: bool = False
    consent: bool = False


MODES: Mapping[str, Mode] = {
    "portal": Mode("center.electronic", "本地规则（参照民事诉讼法90）", at_dispatch=True, consent=True),
    "electronic": Mode("court.electronic", "民事诉讼法90", at_dispatch=True, consent=True),
    "direct": Mode("none", "民事诉讼法87–88"),
    "left": Mode("court.leave", "民事诉讼法89"),
    "post": Mode("court.post", "民事诉讼法91"),
    "announce": Mode("court.announce", "民事诉讼法95", at_dispatch=True),
}

SOURCES = ("applicant", "respondent", "third_party", "court", "cnipa", "notary", "own_collection", "other")
"""Where evidence came from."""

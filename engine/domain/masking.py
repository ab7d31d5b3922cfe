"""How personal data looks to whoever has no need to read it whole: names keep their family name, numbers their ends
(DOMAIN §5.5: 张*, ID last 4, phone middle 4). Names of organisations are no personal data and stay."""

from __future__ import annotations

import re

_ORGANISATION = re.compile(
    r"(公司|厂|中心|局|院|所|大学|学校|协会|学会|商会|研究会|合作社|银行|集团|基金会|Ltd|Inc|LLC|GmbH|Co)\.?$", re.I)
_COMPOUND = frozenset({"欧阳", "司马", "上官", "诸葛", "司徒", "东方", "皇甫", "尉迟", "公孙", "慕容", "令狐", "夏侯"})
_HAN = re.compile(r"^[\u3400-\u9fff·]+$")


def name(text: str) -> str:
    """``张三丰`` → ``张**``, ``欧阳锋`` → ``欧阳*``, ``Ada Lovelace`` → ``A** L*******``; organisations as they are."""
    text = text.strip()
    if not text or _ORGANISATION.search(text):
        return text
    if _HAN.match(text):
        kept = 2 if len(text) > 2 and text[:2] in _COMPOUND else 1
        return text[:kept] + "*" * max(len(text) - kept, 1)
    return " ".join(word[:1] + "*" * max(len(word) - 1, 1) for word in text.split())


def parties(text: str) -> str:
    """A list's line of parties, `` / `` between them."""
    return " / ".join(map(name, text.split(" / "))) if text else text


def id_number(text: str) -> str:
    """Only the last four stay."""
    return "*" * max(len(text) - 4, 0) + text[-4:] if len(text) > 4 else "*" * len(text)


def phone(text: str) -> str:
    """``13812345678`` → ``138****5678``: the middle four go."""
    digits = [place for place, letter in enumerate(text) if letter.isdigit()]
    if len(digits) < 8:
        return "*" * len(text)
    hidden = set(digits[-8:-4])
    return "".join("*" if place in hidden else letter for place, letter in enumerate(text))


def email(text: str) -> str:
    local, at, domain = text.partition("@")
    return f"{local[:1]}***{at}{domain}" if at else "***"

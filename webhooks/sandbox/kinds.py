"""Who the sandbox can be, and what each kind answers to which message."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Reply:
    """The message sent back for another one: the catalogue's example payload with ``changes``."""

    type: str
    changes: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Kind:
    """One kind of partner: its default code, its replies by the type they answer, in the order they are sent, and the
    types it sends of its own accord."""

    code: str
    title: str
    replies: Mapping[str, tuple[Reply, ...]]
    begins: tuple[str, ...] = ()


KINDS: Mapping[str, Kind] = {
    "cnipa": Kind(
        "cnipa",
        "国家知识产权局（模拟）",
        {
            "pre.fastlane.push": (Reply("pre.fastlane.ack", {"accepted": True}),),
            "hearing.host.request": (Reply("hearing.host.confirm"),),
            "joint.proposal": (Reply("joint.answer"),),
        },
        ("cnipa.event", "inv.event", "hearing.host.notice", "inv.closure.notice"),
    ),
    "court": Kind(
        "court.4401.73",
        "人民法院（模拟）",
        {
            "court.confirm.submit": (
                Reply("court.confirm.result", {"status": "accepted"}),
                Reply("court.confirm.result", {"status": "valid"}),
            ),
            "court.filing.push": (Reply("court.filing.result"),),
            "court.info.notice": (Reply("court.info.case"),),
        },
        ("court.mediation.delegate", "court.preservation"),
    ),
    "notary": Kind(
        "notary.gz01",
        "公证机构（模拟）",
        {"notary.evidence.request": (Reply("notary.evidence.result"),)},
        ("notary.agreement.result",),
    ),
    "arbitration": Kind(
        "arb.gz",
        "仲裁机构（模拟）",
        {
            "arb.case.submit": (Reply("arb.result", {"status": "accepted"}),),
            "arb.consent.submit": (Reply("arb.result", {"status": "awarded"}),),
        },
    ),
    "appraiser": Kind(
        "appraiser.gz01",
        "司法鉴定机构（模拟）",
        {"appraisal.entrust": (Reply("appraisal.accept"), Reply("appraisal.report"))},
    ),
    "station": Kind("station.sz01", "预审服务工作站（模拟）", {}, ("station.intake",)),
}

"""What the webhook tests share: a time, keys, a partner, a store in memory and a signed message."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from webhooks import strict_json
from webhooks.catalogue import load
from webhooks.receipts import StoredReceipt
from webhooks.receiver import Answer, InboundMessage, Outcome, PartnerView, receive
from webhooks.signature import ED25519, HMAC_SHA256, Key, sign

NOW = datetime(2026, 3, 18, 2, 21, 33, tzinfo=UTC)
CATALOGUE = load()
HMAC_KEY = Key("k1", HMAC_SHA256, "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
SEED_KEY = Key("k2", ED25519, "whsk_VEVTVFNJR05JTkdLRVlET05PVFVTRVRISVNGT1JBTlk=")
CNIPA = PartnerView(
    code="cnipa",
    own_code="gdippc",
    verify_keys=(HMAC_KEY,),
    sign_keys=(HMAC_KEY,),
    may_send=frozenset({"cnipa.event", "pre.fastlane.ack", "receipt"}),
)


@dataclass
class MemoryStore:
    """An ``InboundStore``; ``outcome`` is what every new message becomes, ``broken`` makes every call fail."""

    outcome: Outcome = field(default_factory=lambda: Outcome("accepted", "YS-2026-FM-000001"))
    broken: bool = False
    kept: list[InboundMessage] = field(default_factory=list)
    refusals: list[tuple[str | None, str]] = field(default_factory=list)
    receipts: dict[tuple[str, str], StoredReceipt] = field(default_factory=dict)

    def accept(self, message: InboundMessage) -> Outcome:
        self._check()
        known = self.receipts.get((message.partner, message.msg_id))
        if known is not None:
            return Outcome(known.status, known.case_no, known)
        if self.outcome.first is None:
            self.kept.append(message)
            self.receipts[message.partner, message.msg_id] = StoredReceipt(
                message.msg_id, self.outcome.status, message.received_at, message.sha256, self.outcome.case_no
            )
        return self.outcome

    def refused(self, partner: str | None, code: str, detail: str) -> None:
        self._check()
        self.refusals.append((partner, code))

    def _check(self) -> None:
        if self.broken:
            raise OSError("the database is away")


def message(**changes: Any) -> dict[str, Any]:
    """A valid ``cnipa.event`` envelope with changed members."""
    return CATALOGUE.example("cnipa.event") | changes


def signed(body: Any, *, at: datetime = NOW, key: Key = HMAC_KEY, msg_id: str | None = None) -> dict[str, str]:
    raw = body if isinstance(body, bytes) else strict_json.dumps(body)
    msg_id = msg_id or (body["msg_id"] if isinstance(body, dict) else message()["msg_id"])
    return sign((key,), msg_id, at, raw) | {"content-type": "application/json"}


def post(body: Any, store: MemoryStore, partner: PartnerView | None = CNIPA, **more: Any) -> Answer:
    """Receive ``body`` (bytes, or a document) with right headers unless others are given."""
    raw = body if isinstance(body, bytes) else strict_json.dumps(body)
    headers = more.pop("headers", None) or signed(body)
    return receive(raw, headers, partner, store, more.pop("now", NOW), CATALOGUE, **more)

"""Which handler takes which command about evidence: anchors and countersignatures of the audit trail."""

from collections.abc import Mapping

from engine.services import anchors
from engine.services.runner import Handler

EVIDENCE: Mapping[type, Handler] = {
    anchors.AnchorHeads: anchors.anchor,
    anchors.KeepTimestamp: anchors.keep_timestamp,
}

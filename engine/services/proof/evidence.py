"""Which handler takes which command about evidence: anchors and countersignatures of the audit trail, what is kept
and what is destroyed."""

from collections.abc import Mapping

from engine.services.proof import anchors, retention
from engine.services.runner import Handler

EVIDENCE: Mapping[type, Handler] = {
    anchors.AnchorHeads: anchors.anchor,
    anchors.KeepTimestamp: anchors.keep_timestamp,
    retention.KeepFiles: retention.keep,
    retention.HoldCase: retention.hold,
    retention.LiftHold: retention.lift,
    retention.EraseRows: retention.erase,
}

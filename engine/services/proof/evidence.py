"""Which handler takes which command about evidence: anchors and countersignatures of the audit trail, what is kept
and what is destroyed, the keys of what is sealed."""

from collections.abc import Mapping

from engine.domain.administration import RotateKeys
from engine.services.proof import anchors, retention, rotation
from engine.services.runner import Handler

EVIDENCE: Mapping[type, Handler] = {
    anchors.AnchorHeads: anchors.anchor,
    anchors.KeepTimestamp: anchors.keep_timestamp,
    retention.KeepFiles: retention.keep,
    retention.HoldCase: retention.hold,
    retention.LiftHold: retention.lift,
    retention.EraseRows: retention.erase,
    RotateKeys: rotation.allow,
    rotation.WrapAnew: rotation.wrap,
    rotation.RotationFailed: rotation.fail,
}

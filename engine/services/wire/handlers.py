"""Which handler takes which command about the wire."""

from collections.abc import Mapping

from engine.domain import commands as c
from engine.domain import wire_commands as w
from engine.services.runner import Handler
from engine.services.wire import fetching, inbound, manual, matching, outbound, partners

WIRE: Mapping[type, Handler] = {
    c.AddPartner: partners.add,
    w.ChangePartner: partners.change,
    w.CloseCircuit: partners.close_circuit,
    w.AddPartnerKey: partners.add_key,
    w.RevokePartnerKey: partners.revoke_key,
    c.AcceptInbound: inbound.accept,
    w.DecideInbound: matching.decide,
    w.ReviewInbound: matching.review,
    w.KeepAttachment: fetching.keep,
    c.RecordDelivery: outbound.record_delivery,
    w.ReplayDeadLetter: outbound.replay,
    w.HandOver: outbound.hand_over,
    w.EnterMessage: manual.enter,
    w.CheckMessage: manual.check,
    w.WithdrawMessage: manual.withdraw,
}

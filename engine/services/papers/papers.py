"""Which handler takes which command about papers, evidence and service."""

from collections.abc import Mapping

from engine.domain import paper_commands as c
from engine.services.papers import drafting, evidence, serving
from engine.services.runner import Handler

PAPERS: Mapping[type, Handler] = {
    c.DraftPaper: drafting.draft,
    c.WritePaper: drafting.write,
    c.SubmitPaper: drafting.submit,
    c.ApprovePaper: drafting.approve,
    c.ReturnPaper: drafting.send_back,
    c.WithdrawPaper: drafting.withdraw,
    c.IssuePaper: drafting.issue,
    c.AddEvidence: evidence.add,
    c.MarkOriginalSeen: evidence.mark_original_seen,
    evidence.KeepStamp: evidence.keep_stamp,
    c.ConfirmAddress: serving.confirm_address,
    c.Dispatch: serving.dispatch,
    c.Acknowledge: serving.acknowledge,
    c.RecordReceipt: serving.record_receipt,
}

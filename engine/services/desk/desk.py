"""Which handler takes which command of the desk."""

from collections.abc import Mapping

from engine.domain import desk_commands as d
from engine.services.desk import comments, drafts, filters, handling, rearranging, searching, splitting
from engine.services.runner import Handler

DESK: Mapping[type, Handler] = {
    d.DelegateUserTask: handling.delegate,
    d.SetFollowUp: handling.follow_up,
    d.SetPriority: handling.prioritise,
    d.Comment: comments.write,
    d.SaveFilter: filters.save,
    d.DropFilter: filters.drop,
    d.SaveStartDraft: drafts.save,
    d.DropStartDraft: drafts.drop,
    searching.RebuildSearch: searching.rebuild,
    d.MergeCases: rearranging.merge,
    d.SplitCase: splitting.split,
    d.TransferCase: rearranging.transfer,
}

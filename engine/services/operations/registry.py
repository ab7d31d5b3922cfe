"""Which operation a ``zeebe:taskDefinition type`` names."""

from collections.abc import Mapping

from engine.services.operations import Operation
from engine.services.operations.assigning import assign_case, set_stage
from engine.services.operations.documents import draft_document, issue_document
from engine.services.operations.linking import link_cases
from engine.services.operations.numbering import number_case
from engine.services.operations.pausing import pause_deadlines, resume_deadlines
from engine.services.operations.recusing import accept_people, apply_decision, check_people
from engine.services.operations.sending import send_message

OPERATIONS: Mapping[str, Operation] = {
    "case.number": number_case,
    "case.assign": assign_case,
    "case.stage": set_stage,
    "case.link": link_cases,
    "deadline.pause": pause_deadlines,
    "deadline.resume": resume_deadlines,
    "document.draft": draft_document,
    "document.issue": issue_document,
    "message.send": send_message,
    "recusal.accept": accept_people,
    "recusal.apply": apply_decision,
    "recusal.check": check_people,
}

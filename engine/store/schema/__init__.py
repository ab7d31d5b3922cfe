"""All tables, one module a subject.

A case is one row that carries its execution state as bytes; everything people or pollers look for is a row beside it,
and every hot table has ``case_id`` first in its key, so that the schema shards by case. Instants (``_at``) are aware
UTC, legal days (``_on``) are dates. Rows of waits that are over are deleted (history keeps the fact); user tasks stay,
because people ask for what they have done.
"""

from engine.store.schema.cases import case, case_key, case_word
from engine.store.schema.columns import Instant, Json, decode_json, encode_json, metadata
from engine.store.schema.deadlines import (
    bulk_move,
    calendar_year,
    contact,
    escalation_rung,
    notice,
    rule_change,
    rule_version,
    suspension,
)
from engine.store.schema.definitions import deployment, process_definition, resource, start_subscription
from engine.store.schema.desk import NO_DATE, saved_filter, search_number, start_draft, worklist
from engine.store.schema.evidence import (
    audit_anchor,
    audit_anchor_head,
    audit_timestamp,
    data_key,
    erasure,
    legal_hold,
)
from engine.store.schema.hearings import hearing, hearing_attendee, hearing_room
from engine.store.schema.messages import correlation, message
from engine.store.schema.papers import delivery, evidence, paper, service_address
from engine.store.schema.participants import participant
from engine.store.schema.people import (
    absence,
    access_grant,
    api_token,
    approval_request,
    org_unit,
    recovery_code,
    user,
    user_identity,
    user_session,
)
from engine.store.schema.records import audit, audit_head, command_log, document, file, history, number_series, staging
from engine.store.schema.recusals import (
    case_link,
    case_party,
    declaration,
    disclosure,
    document_service,
    recusal,
)
from engine.store.schema.waits import candidate, deadline, draft, incident, job, subscription, timer, user_task
from engine.store.schema.wire import (
    inbound,
    inbound_evidence,
    inbound_file,
    manual_message,
    outbox,
    partner,
    partner_key,
)

__all__ = [
    "NO_DATE",
    "Instant",
    "Json",
    "absence",
    "access_grant",
    "api_token",
    "approval_request",
    "audit",
    "audit_anchor",
    "audit_anchor_head",
    "audit_head",
    "audit_timestamp",
    "bulk_move",
    "calendar_year",
    "candidate",
    "case",
    "case_key",
    "case_link",
    "case_party",
    "case_word",
    "command_log",
    "contact",
    "correlation",
    "data_key",
    "deadline",
    "decode_json",
    "declaration",
    "delivery",
    "deployment",
    "disclosure",
    "document",
    "document_service",
    "draft",
    "encode_json",
    "erasure",
    "escalation_rung",
    "evidence",
    "file",
    "hearing",
    "hearing_attendee",
    "hearing_room",
    "history",
    "inbound",
    "inbound_evidence",
    "inbound_file",
    "incident",
    "job",
    "legal_hold",
    "manual_message",
    "message",
    "metadata",
    "notice",
    "number_series",
    "org_unit",
    "outbox",
    "paper",
    "participant",
    "partner",
    "partner_key",
    "process_definition",
    "recovery_code",
    "recusal",
    "resource",
    "rule_change",
    "rule_version",
    "saved_filter",
    "search_number",
    "service_address",
    "staging",
    "start_draft",
    "start_subscription",
    "subscription",
    "suspension",
    "timer",
    "user",
    "user_identity",
    "user_session",
    "user_task",
    "worklist",
]

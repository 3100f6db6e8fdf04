"""Tables of the database. Instants are UTC.

Sources of truth: inbox, documents, requests, claims, stays and the ADT messages about them, the journal, criteria results
(`verdicts`), letters, reservations, supply claims, and the directory of the plan. Read models (cases, tasks, sheets, case_*)
are folded from the journal and can be rebuilt. Rooms with tables of their own stand in `store.every_table`.
"""

from __future__ import annotations

from sqlalchemy import (
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from store.columns import Counter, Exact, Folded, Instant, Json

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    }
)

settings = Table(
    "settings",
    metadata,
    Column("name", String, primary_key=True),
    Column("value", LargeBinary, nullable=False),
)

inbox = Table(
    "inbox",
    metadata,
    Column("inbox_id", Counter, primary_key=True),
    Column("sha256", String(64), nullable=False),
    Column("raw", LargeBinary, nullable=False),
    Column("size_bytes", Integer, nullable=False),
    Column("received_at", Instant, nullable=False),
    Column("channel", String, nullable=False),
    Column("sender", String),
    Column("status", String, nullable=False),
    Column("due_at", Instant, nullable=False),
    Column("case_id", String),
    Column("request_version", Integer),
    Column("started_at", Instant),
    Column("problems", Json, nullable=False),
    Column("resolved_by", String),
    Column("resolved_at", Instant),
    Column("note", Text),
    Column("kind", String),
    Column("failed_attempts", Integer),
    Column("times_received", Integer),
    Index(None, "sha256"),
    Index(None, "status", "started_at"),
    Index(None, "case_id"),
    sqlite_autoincrement=True,
)

claims = Table(
    "claims",
    metadata,
    Column("case_id", String, primary_key=True),
    Column("inbox_id", Integer, nullable=False),
    Column("member_id", String, nullable=False),
    Column("received_at", Instant, nullable=False),
    Column("claim", Json, nullable=False),
    Column("evidence", Json),
    Index(None, "member_id"),
)

documents = Table(
    "documents",
    metadata,
    Column("document_id", String(64), primary_key=True),
    Column("title", Text, nullable=False),
    Column("content_type", String, nullable=False),
    Column("size_bytes", Integer, nullable=False),
    Column("received_at", Instant, nullable=False),
    Column("content", LargeBinary, nullable=False),
)

case_documents = Table(
    "case_documents",
    metadata,
    Column("case_id", String, primary_key=True),
    Column("document_id", ForeignKey("documents.document_id"), primary_key=True),
    Column("title", Text, nullable=False),
    Column("content_type", String, nullable=False),
    Column("control_number", String),
    Column("received_at", Instant, nullable=False),
)

requests = Table(
    "requests",
    metadata,
    Column("request_id", Counter, primary_key=True),
    Column("case_id", String, nullable=False),
    Column("version", Integer, nullable=False),
    Column("inbox_id", ForeignKey("inbox.inbox_id")),
    Column("submission_id", String, nullable=False),
    Column("requesting_npi", String, nullable=False),
    Column("request", Json, nullable=False),
    Column("answers", Json),
    UniqueConstraint("case_id", "version"),
    UniqueConstraint("inbox_id"),
    Index(None, "submission_id"),
    sqlite_autoincrement=True,
)

request_trace_numbers = Table(
    "request_trace_numbers",
    metadata,
    Column("request_id", ForeignKey("requests.request_id"), primary_key=True),
    Column("number", String, primary_key=True),
    Index(None, "number"),
)

stays = Table(
    "stays",
    metadata,
    Column("stay_id", String, primary_key=True),
    Column("facility", String, nullable=False),
    Column("facility_npi", String(10)),
    Column("visit_number", String),
    Column("account_number", String),
    Column("patient_key", String),
    Column("member_id", String, nullable=False),
    Column("opened_at", Instant, nullable=False),
    Column("merged_into", String),
    Index("ix_stays_facility_visit_number", "facility", "visit_number"),
    Index("ix_stays_facility_account_number", "facility", "account_number"),
    Index("ix_stays_facility_patient_key", "facility", "patient_key"),
    Index("ix_stays_facility_npi_visit_number", "facility_npi", "visit_number"),
    Index(None, "member_id"),
)

adt_messages = Table(
    "adt_messages",
    metadata,
    Column("event_id", String, primary_key=True),
    Column("inbox_id", ForeignKey("inbox.inbox_id"), nullable=False),
    Column("sender", String, nullable=False),
    Column("control_id", String, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("trigger", String, nullable=False),
    Column("status", String, nullable=False),
    Column("received_at", Instant, nullable=False),
    Column("happened_at", Instant, nullable=False),
    Column("stay_id", String),
    Column("tells", Json, nullable=False),
    Column("settled_by", String),
    Column("event", Json, nullable=False),
    Column("told_at", Instant),
    UniqueConstraint("sender", "control_id", "sha256", name="uq_adt_messages_sender_control_id_sha256"),
    Index(None, "inbox_id"),
    Index(None, "stay_id"),
    Index(None, "status"),
)

plans = Table("plans", metadata, Column("plan_id", String, primary_key=True), Column("contact", Json, nullable=False))

members = Table(
    "members",
    metadata,
    Column("member_id", String, primary_key=True),
    Column("member", Json, nullable=False),
)

coverages = Table(
    "coverages",
    metadata,
    Column("coverage_id", String, primary_key=True),
    Column("member_id", ForeignKey("members.member_id"), nullable=False),
    Column("effective", Date, nullable=False),
    Column("last_day", Date),
    Column("coverage", Json, nullable=False),
    Index(None, "member_id"),
)

benefit_limits = Table(
    "benefit_limits",
    metadata,
    Column("benefit_id", String, primary_key=True),
    Column("coverage_id", ForeignKey("coverages.coverage_id"), nullable=False),
    Column("position", Integer, nullable=False),
    Column("allowed", Exact, nullable=False),
    Column("used_before", Exact, nullable=False),
    Column("benefit", Json, nullable=False),
    Index(None, "coverage_id"),
)

benefit_reservations = Table(
    "benefit_reservations",
    metadata,
    Column("case_id", String, primary_key=True),
    Column("line_id", String, primary_key=True),
    Column("benefit_id", String, primary_key=True),
    Column("units", Exact, nullable=False),
    Index(None, "benefit_id"),
)

supply_claims = Table(
    "supply_claims",
    metadata,
    Column("member_id", String, primary_key=True),
    Column("code", String, primary_key=True),
    Column("rule_id", String, primary_key=True),
    Column("case_id", String, primary_key=True),
    Column("day", Date, nullable=False),
)

providers = Table(
    "providers",
    metadata,
    Column("npi", String(10), primary_key=True),
    Column("provider", Json, nullable=False),
)

directory_words = Table(
    "directory_words",
    metadata,
    Column("kind", String, primary_key=True),
    Column("word", Folded, primary_key=True),
    Column("subject", String, primary_key=True),
    Index(None, "subject"),
)

reviewers = Table(
    "reviewers",
    metadata,
    Column("reviewer_id", String, primary_key=True),
    Column("reviewer", Json, nullable=False),
)

# `data` is text, not JSON: it holds exactly the bytes that the hash covers.
journal = Table(
    "journal",
    metadata,
    Column("case_id", String, primary_key=True),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("at", Instant, nullable=False),
    Column("kind", String, nullable=False),
    Column("actor_kind", String, nullable=False),
    Column("actor_id", String, nullable=False),
    Column("summary", Text, nullable=False),
    Column("data", Text, nullable=False),
    Column("prev_hash", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
)

journal_heads = Table(
    "journal_heads",
    metadata,
    Column("case_id", String, primary_key=True),
    Column("seq", Integer, nullable=False),
    Column("hash", String(64), nullable=False),
)

case_states = Table(
    "case_states",
    metadata,
    Column("case_id", String, primary_key=True),
    Column("seq", Integer, nullable=False),
    Column("workflow", String, nullable=False),
    Column("start", Text, nullable=False),
)

cases = Table(
    "cases",
    metadata,
    Column("case_id", String, primary_key=True),
    Column("status", String, nullable=False),
    Column("lob", String, nullable=False),
    Column("member_id", String, nullable=False),
    Column("decision_due", Instant),
    Column("authorization_number", String),
    Column("view", Json, nullable=False),
    Index(None, "status", "decision_due"),
    Index(None, "member_id"),
    Index(None, "authorization_number"),
)

case_clocks = Table(
    "case_clocks",
    metadata,
    Column("case_id", String, primary_key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("clock", Json, nullable=False),
)

case_lines = Table(
    "case_lines",
    metadata,
    Column("case_id", String, primary_key=True),
    Column("line_id", String, primary_key=True),
    Column("line", Json, nullable=False),
)

case_letters = Table(
    "case_letters",
    metadata,
    Column("case_id", String, primary_key=True),
    Column("letter_id", String, primary_key=True),
    Column("written_at", Instant, nullable=False),
    Column("letter", Json, nullable=False),
)

sheets = Table(
    "sheets",
    metadata,
    Column("case_id", String, primary_key=True),
    Column("process", String, nullable=False),
    Column("sheet", Json, nullable=False),
    Index(None, "process"),
)

stay_courses = Table(
    "stay_courses",
    metadata,
    Column("case_id", String, primary_key=True),
    Column("level_of_care", String),
    Column("admitted_at", Instant),
    Column("discharged_at", Instant),
    Column("voided_at", Instant),
    Column("working_drg", String),
)

decided_days = Table(
    "decided_days",
    metadata,
    Column("case_id", String, primary_key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("first", Date, nullable=False),
    Column("last", Date, nullable=False),
    Column("answer", String, nullable=False),
    Column("level_of_care", String, nullable=False),
    Column("review", String, nullable=False),
    Column("decided_by", String, nullable=False),
    Column("changed_by", String),
)

retrospective_lessons = Table(
    "retrospective_lessons",
    metadata,
    Column("case_id", String, primary_key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("claim_number", String, nullable=False),
    Column("stage", String, nullable=False),
    Column("what_went_wrong", Text, nullable=False),
    Column("suggestion", Text, nullable=False),
    Column("recorded_by", String, nullable=False),
    Column("at", Instant, nullable=False),
    Index(None, "stage"),
)

verdicts = Table(
    "verdicts",
    metadata,
    Column("verdict_id", String, primary_key=True),
    Column("case_id", String, nullable=False),
    Column("line_id", String, nullable=False),
    Column("request_version", Integer, nullable=False),
    Column("guideline_id", String, nullable=False),
    Column("verdict", Json, nullable=False),
    Index(None, "case_id"),
)

letters = Table(
    "letters",
    metadata,
    Column("letter_id", String, primary_key=True),
    Column("case_id", String, nullable=False),
    Column("notice", String, nullable=False),
    Column("audience", String, nullable=False),
    Column("recipient", Text, nullable=False),
    Column("rendered", Json, nullable=False),
    Column("written_at", Instant, nullable=False),
    Column("handed_over_at", Instant),
    Column("receipt", Text),
    Column("attempts", Integer, nullable=False),
    Column("last_error", Text),
    Index(None, "case_id"),
    Index(None, "handed_over_at"),
)

from requests_app.models.calendar import CalendarDay
from requests_app.models.term import ServiceTerm
from requests_app.models.number import NumberSequence
from requests_app.models.detail import RequestDetail, Row
from requests_app.models.request import ReplyChannel, ServiceRequest
from requests_app.models.history import StatusChange
from requests_app.models.term_extension import TermExtension
from requests_app.models.term_reminders import TermDigest, TermReminder
from requests_app.models.message import Audience, Message, MessageKind
from requests_app.models.supply import Meter, SupplyPoint, VoltageLevel, ZoneLabel
from requests_app.models.access import AccessGrant, GrantBasis, GrantStatus
from requests_app.models.readings import PeriodChange, Reading, ReadingPeriod, ReadingState, ReadingWindow, Source
from requests_app.models.reading_reminders import ReadingReminder, ReadingReminderRefusal, ReadingReminderRule
from requests_app.models.attachment import Attachment, FileAccess
from requests_app.models.reading_sheet import ReadingSheet
from requests_app.models.supply_import import SupplyImport
from requests_app.models.reveal import ReporterReveal
from requests_app.models.retention import Kept, RetentionRule, RetentionRun
from requests_app.models.report_run import ReportRun, ReportTable
from requests_app.models.quality import (
    AnswerGrade,
    AnswerReview,
    AnswerSample,
    Grade,
    QualityRule,
    Repetition,
    RepetitionReason,
)
from requests_app.models.canned_reply import CannedReply
from requests_app.models.answering import AnswerDraft, Presence
from requests_app.models.letter import Addressee, Letter
from requests_app.models.place_key import PlaceKey, PlaceKind
from requests_app.models.export_run import ExportFormat, ExportRun
from requests_app.models.group_answer import GroupAnswer, GroupAnswerPart
from requests_app.models.assignment import Absence, AssignmentChange, AssignmentRule, Cause, Choice
from requests_app.models.reception import Consent, Reception
from requests_app.models.papers import Invoice, InvoiceState, IssuedDocument, VatRate

# The detail models of the services; last, since they build on the ones above.
from requests_app import services  # noqa: F401  isort: skip

__all__ = [
    "Absence",
    "AccessGrant",
    "Addressee",
    "AnswerDraft",
    "AnswerGrade",
    "AnswerReview",
    "AnswerSample",
    "AssignmentChange",
    "AssignmentRule",
    "Attachment",
    "Audience",
    "CalendarDay",
    "CannedReply",
    "Cause",
    "Choice",
    "Consent",
    "ExportFormat",
    "ExportRun",
    "FileAccess",
    "Grade",
    "GrantBasis",
    "GrantStatus",
    "GroupAnswer",
    "GroupAnswerPart",
    "Invoice",
    "InvoiceState",
    "IssuedDocument",
    "Kept",
    "Letter",
    "Message",
    "MessageKind",
    "Meter",
    "NumberSequence",
    "PeriodChange",
    "PlaceKey",
    "PlaceKind",
    "Presence",
    "QualityRule",
    "Reading",
    "ReadingPeriod",
    "ReadingReminder",
    "ReadingReminderRefusal",
    "ReadingReminderRule",
    "ReadingSheet",
    "ReadingState",
    "ReadingWindow",
    "Reception",
    "Repetition",
    "RepetitionReason",
    "ReplyChannel",
    "ReportRun",
    "ReportTable",
    "ReporterReveal",
    "RequestDetail",
    "RetentionRule",
    "RetentionRun",
    "Row",
    "ServiceRequest",
    "ServiceTerm",
    "Source",
    "StatusChange",
    "SupplyImport",
    "SupplyPoint",
    "TermDigest",
    "TermExtension",
    "TermReminder",
    "VatRate",
    "VoltageLevel",
    "ZoneLabel",
]

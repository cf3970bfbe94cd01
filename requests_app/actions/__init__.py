"""
What changes requests, visits and access to supply points. Each action is one transaction, says who acts (`by=`), and queues
its letters inside it, so nothing half-done is ever seen. Views and the admin call these and hold no rule of their own.
"""

from requests_app.actions.absences import begin_absence, end_absence, enter_absence, give_back, returnable
from requests_app.actions.access import (
    AccessNotChanged,
    ask_access,
    confirm_access,
    refuse_access,
    revoke_access,
    withdraw_access,
)
from requests_app.actions.answering import (
    SomethingNew,
    check_nothing_new,
    drop_draft,
    note_presence,
    remove_answer_drafts,
    remove_presences,
    save_draft,
)
from requests_app.actions.assignment import assign, assign_by_rule
from requests_app.actions.codes import correct_codes, may_correct_codes, set_codes
from requests_app.actions.deadlines import MOST_DAYS, extend_term, may_extend, recount_terms
from requests_app.actions.exports import begin_export, counted_rows
from requests_app.actions.files import FilesNotStored, keep_files, remove_drafts
from requests_app.actions.group_answer import (
    MOST_STORED,
    MOST_TOGETHER,
    AnsweredTogether,
    answer_together,
    key_of_part,
    why_not_together,
)
from requests_app.actions.life_cycle import transition
from requests_app.actions.messages import may_write, post_message, write_note
from requests_app.actions.on_behalf import link_to_cabinet
from requests_app.actions.papers import (
    InvoiceFacts,
    InvoiceNotChanged,
    cancel_invoice,
    issue_copies,
    issue_invoice,
    mark_paid,
    take_back_payment,
)
from requests_app.actions.quality import (
    choose_answers,
    grade_answer,
    grade_until,
    may_grade,
    note_repetition,
    review_answer,
    sample_size,
)
from requests_app.actions.reading_reminders import set_reading_reminders
from requests_app.actions.reading_sheets import (
    accept_meter,
    correct_meter,
    reject_meter,
    remove_reading_sheets,
    send_reading_sheet,
    upload_reading_sheet,
)
from requests_app.actions.readings import (
    ReadingsNotChanged,
    accept_readings,
    close_period,
    correct_readings,
    match_unknown_meter,
    put_corrected,
    put_matched,
    record_control_reading,
    record_initial_reading,
    reject_readings,
    reopen_period,
    send_readings,
)
from requests_app.actions.refusals import refusals_in
from requests_app.actions.reporter import reveal_reporter
from requests_app.actions.retention import apply_retention
from requests_app.actions.steps import (
    TransitionNotAllowed,
    available_transitions,
    dispute_until,
    may_dispute,
    may_process,
)
from requests_app.actions.submission import AlreadySent, OnBehalf, Stranger, register_on_behalf, submit
from requests_app.actions.supply_import import (
    ImportRefused,
    apply_supply_table,
    import_supply,
    remove_supply_drafts,
    upload_supply_table,
)
from requests_app.actions.surveys import SurveyNotChanged, close_survey, copy_survey, publish_survey, put_off
from requests_app.actions.visits import call_off, close_day, correct_mark, move_visit

__all__ = [
    "MOST_DAYS",
    "MOST_STORED",
    "MOST_TOGETHER",
    "AccessNotChanged",
    "AlreadySent",
    "AnsweredTogether",
    "FilesNotStored",
    "ImportRefused",
    "InvoiceFacts",
    "InvoiceNotChanged",
    "OnBehalf",
    "ReadingsNotChanged",
    "SomethingNew",
    "Stranger",
    "SurveyNotChanged",
    "TransitionNotAllowed",
    "accept_meter",
    "accept_readings",
    "answer_together",
    "apply_retention",
    "apply_supply_table",
    "ask_access",
    "assign",
    "assign_by_rule",
    "available_transitions",
    "begin_absence",
    "begin_export",
    "call_off",
    "cancel_invoice",
    "check_nothing_new",
    "choose_answers",
    "close_day",
    "close_period",
    "close_survey",
    "confirm_access",
    "copy_survey",
    "correct_codes",
    "correct_mark",
    "correct_meter",
    "correct_readings",
    "counted_rows",
    "dispute_until",
    "drop_draft",
    "end_absence",
    "enter_absence",
    "extend_term",
    "give_back",
    "grade_answer",
    "grade_until",
    "import_supply",
    "issue_copies",
    "issue_invoice",
    "keep_files",
    "key_of_part",
    "link_to_cabinet",
    "mark_paid",
    "match_unknown_meter",
    "may_correct_codes",
    "may_dispute",
    "may_extend",
    "may_grade",
    "may_process",
    "may_write",
    "move_visit",
    "note_presence",
    "note_repetition",
    "post_message",
    "publish_survey",
    "put_corrected",
    "put_matched",
    "put_off",
    "record_control_reading",
    "record_initial_reading",
    "recount_terms",
    "refusals_in",
    "refuse_access",
    "register_on_behalf",
    "reject_meter",
    "reject_readings",
    "remove_answer_drafts",
    "remove_drafts",
    "remove_presences",
    "remove_reading_sheets",
    "remove_supply_drafts",
    "reopen_period",
    "returnable",
    "reveal_reporter",
    "review_answer",
    "revoke_access",
    "sample_size",
    "save_draft",
    "send_reading_sheet",
    "send_readings",
    "set_codes",
    "set_reading_reminders",
    "submit",
    "take_back_payment",
    "transition",
    "upload_reading_sheet",
    "upload_supply_table",
    "why_not_together",
    "withdraw_access",
    "write_note",
]

"""
What changes requests, visits and access to supply points. Each action is one transaction, says who acts (`by=`), and queues
its letters inside it, so nothing half-done is ever seen. Views and the admin call these and hold no rule of their own.
"""

from requests_app.actions.access import (
    AccessNotChanged,
    ask_access,
    confirm_access,
    refuse_access,
    revoke_access,
    withdraw_access,
)
from requests_app.actions.codes import set_codes
from requests_app.actions.files import FilesNotStored, keep_files, remove_drafts
from requests_app.actions.life_cycle import assign, transition
from requests_app.actions.messages import may_write, post_message, write_note
from requests_app.actions.refusals import refusals_in
from requests_app.actions.reporter import reveal_reporter
from requests_app.actions.steps import TransitionNotAllowed, available_transitions, dispute_until, may_dispute
from requests_app.actions.submission import AlreadySent, submit
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
    "AccessNotChanged",
    "AlreadySent",
    "FilesNotStored",
    "ImportRefused",
    "SurveyNotChanged",
    "TransitionNotAllowed",
    "apply_supply_table",
    "ask_access",
    "assign",
    "available_transitions",
    "call_off",
    "close_day",
    "close_survey",
    "confirm_access",
    "copy_survey",
    "correct_mark",
    "dispute_until",
    "import_supply",
    "keep_files",
    "may_dispute",
    "may_write",
    "move_visit",
    "post_message",
    "publish_survey",
    "put_off",
    "refusals_in",
    "refuse_access",
    "remove_drafts",
    "remove_supply_drafts",
    "reveal_reporter",
    "revoke_access",
    "set_codes",
    "submit",
    "transition",
    "upload_supply_table",
    "withdraw_access",
    "write_note",
]

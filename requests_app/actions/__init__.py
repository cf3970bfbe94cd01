"""
What changes requests. Each action is one transaction, says who acts (`by=`), and queues its letters inside it, so
nothing half-done is ever seen. Views and the admin call these and hold no rule of their own.
"""

from requests_app.actions.codes import set_codes
from requests_app.actions.files import FilesNotStored, keep_files, remove_drafts
from requests_app.actions.life_cycle import assign, transition
from requests_app.actions.messages import post_message, write_note
from requests_app.actions.refusals import refusals_in
from requests_app.actions.steps import TransitionNotAllowed, available_transitions, dispute_until, may_dispute
from requests_app.actions.submission import AlreadySent, submit

__all__ = [
    "AlreadySent",
    "FilesNotStored",
    "TransitionNotAllowed",
    "assign",
    "available_transitions",
    "dispute_until",
    "keep_files",
    "may_dispute",
    "post_message",
    "refusals_in",
    "remove_drafts",
    "set_codes",
    "submit",
    "transition",
    "write_note",
]

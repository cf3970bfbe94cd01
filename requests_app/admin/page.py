"""What stands on the page of one request."""

from __future__ import annotations

from typing import Any

from accounts.models import User
from requests_app import actions, quality
from requests_app.admin.around import around
from requests_app.admin.timeline import timeline_of
from requests_app.lifecycle import Actor
from requests_app.models import ServiceRequest
from requests_app.models.detail import rows_of

SEE_REPORTER = "requests_app.see_reporter"
SEE_REVEALS = "requests_app.view_reporterreveal"

_APPLICANT = [
    "applicant_name",
    "applicant_legal_form",
    "applicant_identifier",
    "applicant_email",
    "applicant_phone",
]
_CODES = ["term_basis", "appeal_form", "category", "outcome", "refusal_reason", "measures_done", "measures_planned"]


def conversation(service_request: ServiceRequest, *, by: User) -> dict[str, Any]:
    """What was asked, with files, and everything that was said and done since."""
    return {
        "rows": service_request.rows(),
        "earlier": _earlier(service_request, by),
        "files": service_request.attachments.visible_to(by).filter(message=None),
        "timeline": timeline_of(service_request, by=by),
    }


def _earlier(service_request: ServiceRequest, by: User) -> ServiceRequest | None:
    """The request that this one repeats, if `by` may know of it."""
    if service_request.repeat_of_id is None:
        return None
    return ServiceRequest.objects.visible_to(by).filter(pk=service_request.repeat_of_id).first()


def request_page(service_request: ServiceRequest, *, by: User) -> dict[str, Any]:
    """Everything of one request, and what `by` may do with it."""
    steps = actions.available_transitions(service_request, by=by)
    return {
        **conversation(service_request, by=by),
        "detail": service_request.detail,
        "applicant": rows_of(service_request, _APPLICANT),
        "codes": rows_of(service_request, _CODES),
        "quality": quality.of_request(service_request, by=by),
        "around": around(service_request, by=by),
        "repeats": service_request.repeats.visible_to(by),
        "reveals": service_request.reveals.select_related("by") if by.has_perm(SEE_REVEALS) else [],
        "may_reveal": service_request.is_anonymous and by.has_perm(SEE_REPORTER),
        "steps": [step for step in steps if step.actor == Actor.STAFF],
        "may_correct_codes": actions.may_correct_codes(service_request, by=by),
        "may_extend": actions.may_extend(service_request, by=by),
        "may_write": actions.may_write(service_request),
    }

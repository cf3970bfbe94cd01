"""
What django-auditlog writes down: the models that staff change. Read by the settings; pure.

Left out, since they keep who and when themselves: requests (`StatusChange`), readings and months of the account,
consents, the second factor. Of people the trail tells that a value has changed, and not the value: it is kept for
longer than a person may ask to be remembered.
"""

from typing import Any

_NAMES = ["last_name", "first_name", "middle_name", "organisation", "contact_name", "phone", "inn", "ogrn", "ogrnip"]
_POINT = ["consumer_name", "address", "inn", "ogrn", "ogrnip"]
_GRANT = ["user", "point", "status", "decided_by", "decided_at", "revoked_by", "revoked_at", "withdrawn_at"]
_MASK = "rsmportal.tracked.hide"

# Their names in the trail are a number: the name itself would tell of a person.
PERSONAL = {"accounts.user", "accounts.consumer", "requests_app.supplypoint", "requests_app.accessgrant"}

TRACKED: list[str | dict[str, Any]] = [
    {
        "model": "accounts.User",
        "include_fields": ["email", "name", "is_active", "is_staff", "is_superuser"],
        "mask_fields": ["email", "name"],
        "mask_callable": _MASK,
        "m2m_fields": {"groups"},
    },
    {
        "model": "accounts.Consumer",
        "include_fields": ["legal_form", *_NAMES],
        "mask_fields": _NAMES,
        "mask_callable": _MASK,
    },
    {"model": "accounts.ConsentDocument", "exclude_fields": ["text", "sha256"]},
    {"model": "auth.Group", "m2m_fields": {"permissions"}},
    {
        "model": "requests_app.SupplyPoint",
        "exclude_fields": ["contract_key", "address_key", "snils_hash"],
        "mask_fields": _POINT,
        "mask_callable": _MASK,
    },
    {"model": "requests_app.Meter", "exclude_fields": ["serial_key"]},
    {"model": "requests_app.AccessGrant", "include_fields": _GRANT},
    {
        "model": "requests_app.Invoice",
        "include_fields": ["number", "state", "amount", "due_on", "paid_on", "paid_by", "cancelled_by"],
    },
    "requests_app.ServiceTerm",
    "requests_app.CalendarDay",
    "requests_app.ZoneLabel",
    "requests_app.VatRate",
    "requests_app.ReadingWindow",
    "requests_app.ReadingReminderRule",
    "requests_app.Office",
    "requests_app.OfficeHours",
    "requests_app.ClosedDay",
    "requests_app.Survey",
    "requests_app.RetentionRule",
    "requests_app.QualityRule",
    "requests_app.CannedReply",
    {"model": "requests_app.AssignmentRule", "m2m_fields": {"people"}},
    {"model": "content.News", "exclude_fields": ["body"]},
]


def hide(value: str) -> str:
    """Whether there was something, and nothing of what it was."""
    return "" if value in ("", "None") else "скрыто"

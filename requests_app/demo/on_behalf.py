"""Rules of assignment, a colleague who will be away, and three appeals that the operator has written down."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from accounts.models import LegalForm, User
from requests_app import actions, services
from requests_app.codes import AppealForm
from requests_app.demo.people import INSPECTOR, OPERATOR
from requests_app.demo.stories import post
from requests_app.models import Absence, AssignmentRule, Consent, Reception, ReplyChannel

_NAMESPACE = uuid.UUID("3d6f0b52-4f0a-4f5c-8a35-90a4a5c7be21")
_SUPERVISOR = "supervisor@example.org"
_PHONE = "8 (928) 555-01-42"

# (service, topic, to whom, order): the metering of complaints is the supervisor's, reports are the inspector's.
_RULES = (
    ("complaint", "metering", [_SUPERVISOR], 10),
    ("complaint", "", [OPERATOR, _SUPERVISOR], 20),
    ("violation-report", "", [INSPECTOR], 10),
    ("inquiry", "", [OPERATOR], 10),
)


@dataclass(frozen=True, kw_only=True)
class Told:
    """An appeal that came otherwise than through the cabinet: `owner` is a demo consumer, or a stranger is described."""

    name: str
    service: str
    answers: Mapping[str, Any]
    days_ago: int
    appeal_form: AppealForm
    consent: Consent = Consent.SPOKEN
    owner: str = ""
    stranger: actions.Stranger | None = None


_TOLD = (
    Told(
        name="by telephone of a known consumer",
        service="inquiry",
        owner="person@example.org",
        answers={
            "topic": "metering",
            "question": "Позвонил и спрашивает, когда можно опломбировать новый счётчик.",
            "reply_channel": "cabinet",
        },
        days_ago=1,
        appeal_form=AppealForm.PHONE,
    ),
    Told(
        name="by telephone of somebody without a cabinet",
        service="complaint",
        stranger=actions.Stranger(
            legal_form=LegalForm.PERSON,
            name="Лужина Вера Ильинична",
            phone=_PHONE,
            email="",
            postal_address="",
            reply_channel=ReplyChannel.PHONE,
        ),
        answers={
            "category": "service",
            "circumstances": "Дважды звонила узнать о ремонте на улице, обещали перезвонить и не перезвонили.",
        },
        days_ago=2,
        appeal_form=AppealForm.PHONE,
    ),
    Told(
        name="on paper of somebody without a cabinet",
        service="inquiry",
        stranger=actions.Stranger(
            legal_form=LegalForm.COMPANY,
            name="СНТ «Маяк»",
            phone="",
            email="",
            postal_address="344000, г. Ростов-на-Дону, а/я 15",
            reply_channel=ReplyChannel.POST,
        ),
        answers={
            "topic": "connection",
            "question": "Просим сообщить, какие документы нужны для присоединения насосной.",
        },
        days_ago=4,
        appeal_form=AppealForm.POST,
        consent=Consent.PAPER,
    ),
)


def make_on_behalf() -> None:
    """Make what is missing; after the other requests, whose assignees stay as their stories tell them."""
    for service, topic, people, order in _RULES:
        rule, is_new = AssignmentRule.objects.get_or_create(service=service, topic=topic, order=order)
        if is_new:
            rule.people.set(User.objects.filter(email__in=people))
    for told in _TOLD:
        _write_down(told, by=User.objects.get(email=OPERATOR))
    _plan_absence()


def _write_down(told: Told, *, by: User) -> None:
    key = uuid.uuid5(_NAMESPACE, told.name)
    if Reception.objects.filter(by=by, submission_key=key).exists():
        return
    owner = User.objects.get(email=told.owner) if told.owner else None
    service = services.get(told.service)
    form = service.form_class(post({**told.answers, "submission_key": key}), owner=owner, by=by)
    applicant = owner or told.stranger
    if not form.is_valid() or applicant is None:
        raise ValueError(f"Demo appeal {told.name}: {form.errors.as_json()}")
    came = _at_eleven(told.days_ago)
    facts = actions.OnBehalf(
        applicant=applicant,
        appeal_form=told.appeal_form,
        received_at=came,
        consent=told.consent,
        consent_on=came.date(),
    )
    actions.register_on_behalf(service=service, form=form, facts=facts, by=by)


def _at_eleven(days_ago: int) -> datetime:
    return (timezone.localtime() - timedelta(days=days_ago)).replace(hour=11, minute=20, second=0, microsecond=0)


def _plan_absence() -> None:
    """The inspector's, in ten days; nothing is handed over yet."""
    inspector, supervisor = (User.objects.get(email=email) for email in (INSPECTOR, _SUPERVISOR))
    if not Absence.objects.filter(who=inspector).exists():
        first = timezone.localdate() + timedelta(days=10)
        actions.enter_absence(
            who=inspector, from_day=first, until=first + timedelta(days=13), stand_ins=[supervisor], by=supervisor
        )

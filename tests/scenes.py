"""What has to be there before some services can be asked for: a free time, a meter, a survey."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.utils import timezone

from accounts.models import User
from requests_app.models import GrantStatus
from requests_app.services import appointment, document_copies, invoice
from requests_app.services.survey.models import Survey
from tests.factories import AccessGrantFactory
from tests.surveys import answers, make_survey


def _meter_readings(owner: User) -> dict[str, Any]:
    from tests.readings import confirmed_meter  # which builds on the factories that use these scenes

    meter = confirmed_meter(owner=owner)
    return {"meter": meter.pk, "zone_1": "018646", "taken_on": timezone.localdate().isoformat()}


def _survey(owner: User) -> dict[str, Any]:
    """Open and anonymous, with a question of every kind; the one that is there already serves again."""
    return answers(Survey.objects.first() or make_survey())


def _copies(owner: User) -> dict[str, Any]:
    """A supply point that is the consumer's own: to another's contract a document is asked for."""
    grant = AccessGrantFactory(user=owner, status=GrantStatus.CONFIRMED)
    return {**document_copies.SERVICE.example, "contract_number": "", "point": grant.point_id}


def _invoice(owner: User) -> dict[str, Any]:
    """The payer of the consumer's legal form."""
    return {**invoice.SERVICE.example, **_PAYERS[owner.consumer.legal_form]}


_PAYERS: dict[str, dict[str, str]] = {
    "person": {},
    "sole_trader": {"payer_inn": "500100732259", "payer_ogrnip": "304500116000157"},
    "company": {"payer_inn": "6166000060", "payer_kpp": "616601001", "payer_address": "г. Ростов-на-Дону"},
}


def _free_time(owner: User) -> dict[str, Any]:
    """The first free time of an office."""
    from tests.visits import free_times, make_office  # which import the factories

    return {**appointment.SERVICE.example, "slot": free_times(make_office(), still_in=timedelta(minutes=5))[0]}


# Slug of a service → makes the rows that its form chooses from and returns valid form data for that consumer.
SCENES: dict[str, Callable[[User], dict[str, Any]]] = {
    "appointment": _free_time,
    "meter-readings": _meter_readings,
    "document-copies": _copies,
    "invoice": _invoice,
    "survey": _survey,
}

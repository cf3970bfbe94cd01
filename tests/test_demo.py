"""The demonstration: once more changes nothing, and every screen has something to show."""

from io import StringIO

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db.models import Count
from django.utils import timezone

from requests_app import services
from requests_app.codes import Outcome
from requests_app.lifecycle import Status
from requests_app.models import (
    Invoice,
    InvoiceState,
    IssuedDocument,
    Meter,
    Reading,
    ReadingState,
    ServiceRequest,
    TermExtension,
)
from requests_app.services.appointment.models import Appointment, VisitState
from requests_app.services.appointment.offices import Office
from requests_app.services.survey.models import Survey

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


def run_demo():
    call_command("demo", force=True, stdout=StringIO())


def counts():
    models = [model for label in ("accounts", "requests_app") for model in apps.get_app_config(label).get_models()]
    return {model._meta.label: model._default_manager.count() for model in models}


def test_it_fills_every_screen_and_once_more_changes_nothing():
    run_demo()

    requests = ServiceRequest.objects
    assert set(requests.values_list("service", flat=True)) == {service.slug for service in services.SERVICES}
    assert set(requests.values_list("status", flat=True)) == set(Status)
    assert requests.filter(is_anonymous=True).exists()
    assert TermExtension.objects.exists()

    months = Meter.objects.annotate(months=Count("readings__period", distinct=True)).filter(months__gte=12)
    assert months.count() >= 3
    assert Reading.objects.filter(state=ReadingState.IN_QUESTION).exists()

    assert Office.objects.exists()
    assert set(Appointment.objects.values_list("state", flat=True)) >= {VisitState.BOOKED, VisitState.CAME}
    assert IssuedDocument.objects.exists()
    assert set(Invoice.objects.values_list("state", flat=True)) == set(InvoiceState)
    assert Survey.objects.exclude(closed_at=None).exists()

    for answered in requests.exclude(answered_at=None):
        in_time = timezone.localdate(answered.answered_at) <= answered.due_on
        assert (answered.outcome == Outcome.IN_TIME) is in_time, answered.service

    before = counts()
    run_demo()
    assert counts() == before

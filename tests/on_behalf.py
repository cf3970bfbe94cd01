"""Appeals that colleagues write down: the forms as they are sent, the facts as the action takes them."""

import uuid
from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from accounts.models import LegalForm
from requests_app import actions, services
from requests_app.codes import AppealForm
from requests_app.models import ReplyChannel
from requests_app.services import inquiry
from tests.factories import ConsumerFactory, filled

TAKEN = [service for service in services.SERVICES if service.is_taken_on_behalf]
REGISTER = reverse("admin:requests_app_servicerequest_register")
QUESTION = "Какие документы нужны, чтобы заменить счётчик?"


@pytest.fixture
def tuesday_noon():
    with time_machine.travel("2026-11-24T09:00:00Z", tick=False):  # in Moscow
        yield


def form_page(service, **query):
    address = reverse("admin:requests_app_servicerequest_registerform", args=[service.slug])
    return address + "".join(f"?{name}={value}" for name, value in query.items())


def told(**values):
    """What the desk's form asks besides the service's questions."""
    answers = {
        "appeal_form": "phone",
        "received_at": "2026-11-23T16:40",
        "consent": "spoken",
        "consent_on": "2026-11-23",
        **values,
    }
    return {f"reception-{name}": value for name, value in answers.items()}


def asked(**values):
    return {"topic": "metering", "question": QUESTION, "submission_key": uuid.uuid4(), **values}


def stranger(**values):
    return told(
        **{
            "legal_form": "person",
            "name": "Лужина Вера Ильинична",
            "phone": "8 928 123-45-67",
            "reply_channel": "phone",
        }
        | values
    )


def facts(owner=None, **values):
    known = {
        "applicant": owner or nobody(),
        "appeal_form": AppealForm.PHONE,
        "received_at": timezone.now() - timedelta(hours=2),
        "consent": "spoken",
        "consent_on": timezone.localdate(),
    }
    return actions.OnBehalf(**known | values)


def nobody(**values):
    contacts = {"phone": "8 (928) 123-45-67", "email": "", "postal_address": "", "reply_channel": ReplyChannel.PHONE}
    return actions.Stranger(**{"legal_form": LegalForm.PERSON, "name": "Лужина Вера Ильинична", **contacts, **values})


def form_for(service, owner, by, *, key=None, files=(), **answers):
    """The valid form of the service as its example fills it in."""
    example = filled(service, owner=owner or ConsumerFactory().user, files=files, submission_key=key or uuid.uuid4())
    for name, value in answers.items():
        example.data[name] = value
    if owner is None:
        example.data.pop("point", None)  # of nobody's
        example.data["contract_number"] = "ТП-2019/114"
    form = service.form_class(example.data, example.files, owner=owner, by=by)
    assert form.is_valid(), form.errors.as_json()
    return form


def written_down(service=inquiry.SERVICE, owner=None, *, by, key=None, files=(), answers=(), **values):
    form = form_for(service, owner, by, key=key, files=files, **dict(answers))
    return actions.register_on_behalf(service=service, form=form, facts=facts(owner, **values), by=by)


def html_of(response):
    return response.content.decode().replace("\N{NO-BREAK SPACE}", " ").replace("&nbsp;", " ")

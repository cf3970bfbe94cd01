"""What every service keeps, whatever it asks: a tenth one is held to it as soon as it stands in the tuple."""

import re
from functools import partial
from pathlib import Path

import pytest
from django import forms
from django.db import models
from django.http import Http404
from django.utils import timezone
from phonenumber_field.modelfields import PhoneNumberField

from requests_app import services
from requests_app.forms import FilesForm
from requests_app.models import ReplyChannel, RequestDetail, ServiceRequest, ServiceTerm
from requests_app.services import SERVICES, inquiry
from requests_app.services.base import ServiceForm
from tests.factories import ConsumerFactory, filled, submitted

pytestmark = pytest.mark.django_db

SPRITE = Path("static/icons.svg")

# The names of the operator's guide, word by word.
OFFICIAL_NAMES = {
    "inquiry": (
        "Прием обращений потребителей с запросом справочной информации через интерактивные электронные формы, "
        "предоставление ответа потребителю"
    ),
    "consultation": (
        "Прием обращений потребителей по вопросам консультации через интерактивные электронные формы и предоставление "
        "ответа потребителю"
    ),
    "meter-readings": "Прием показаний приборов учета электрической энергии",
    # the guide cuts these two off after «копий» and «услуг по»
    "document-copies": "Предоставление электронных копий документов",
    "invoice": "Предоставление счетов на оплату услуг сетевой организации",
    "complaint": ("Прием жалоб потребителей через интерактивные электронные формы и предоставление ответа потребителю"),
    "survey": "Проведение целевых опросов, анкетирования",
    "appointment": "Запись потребителей на прием в офис обслуживания",
}

OFFICIAL_NAMES["violation-report"] = (
    "Прием через интерактивные электронные формы сообщений о бездоговорном (безучетном) потреблении электрической "
    "энергии, хищении объектов электросетевого хозяйства"
)

every_service = pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.slug)


def errors(form):
    """Field → codes of its errors."""
    return {name: [error.code for error in field_errors.as_data()] for name, field_errors in form.errors.items()}


# -- The contract ---------------------------------------------------------------------------------------------------


@every_service
def test_the_example_is_valid_and_becomes_a_request(service):
    service_request = submitted(service)

    stored = ServiceRequest.objects.get(number=service_request.number)
    assert stored.kind is service
    assert isinstance(stored.detail, service.detail_model)
    assert stored.detail == getattr(stored, service.detail_name)


@pytest.mark.parametrize(
    ("service", "legal_form"),
    [(service, legal_form) for service in SERVICES for legal_form in service.allowed_for],
    ids=lambda value: getattr(value, "slug", value),
)
def test_every_legal_form_that_may_can_send_it(service, legal_form):
    owner = ConsumerFactory(legal_form=legal_form).user

    assert submitted(service, owner=owner).applicant_legal_form == legal_form


@every_service
def test_it_says_what_it_is(service):
    assert service.slug == service.slug.lower()
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", service.slug)
    assert 1 <= len(service.slug) <= 32
    for text in (service.noun, service.title, service.summary, service.lead):
        assert text == text.strip()
        assert text[0].isupper()
        assert "!" not in text
    assert not service.title.endswith(".")
    assert service.lead.endswith(".")


@every_service
def test_its_official_name_is_that_of_the_guide(service):
    assert service.summary == OFFICIAL_NAMES[service.slug]


@every_service
def test_its_icon_is_in_the_sprite(service):
    assert f'id="{service.icon}"' in SPRITE.read_text()


@every_service
def test_its_term_is_there(service):
    assert ServiceTerm.objects.current(on=timezone.localdate()).filter(service=service.slug).exists()


@every_service
def test_its_form_and_detail_are_of_the_common_kind(service):
    assert issubclass(service.form_class, ServiceForm)
    assert issubclass(service.form_class, FilesForm)
    assert issubclass(service.detail_model, RequestDetail)
    assert service.detail_model._meta.verbose_name == service.detail_model._meta.verbose_name.lower()


@every_service
def test_no_two_share_a_detail_table(service):
    assert [other.detail_model for other in SERVICES].count(service.detail_model) == 1


@every_service
def test_every_answer_is_told(service):
    """The page, the admin, the letter and the print all show `rows`."""
    service_request = submitted(service)
    detail = service_request.detail
    answered = [
        field
        for field in detail._meta.fields
        if field.editable and not field.primary_key and getattr(detail, field.attname) not in (None, "", False)
    ]

    told = list(detail.rows())

    texts = [
        field
        for field in answered
        if isinstance(field, models.CharField | models.TextField) and not isinstance(field, PhoneNumberField)
    ]
    words = [getattr(detail, f"get_{field.name}_display", partial(getattr, detail, field.name))() for field in texts]
    assert [word for word in words if not any(word in row.value for row in told)] == []
    assert len(told) >= len(texts)
    assert all(row.label[0].isupper() and row.value for row in told)
    labels = [row.label for row in service_request.rows()]
    assert len(set(labels)) == len(labels)
    assert ("Как получить ответ" in labels) == ("reply_channel" in service.form_class.common)


@every_service
def test_its_subject_fits_and_names_the_request(service):
    service_request = submitted(service)

    assert 3 <= len(service_request.subject) <= 200
    assert service_request.title.startswith(f"{service.noun}: ")


@every_service
def test_an_empty_form_names_the_fields_and_loses_nothing(service):
    form = service.form_class({}, owner=ConsumerFactory().user)

    assert not form.is_valid()
    assert set(form.errors) <= set(form.fields)
    assert "__all__" not in form.errors


@every_service
def test_every_field_has_a_russian_label(service):
    form = service.form_class(owner=ConsumerFactory().user)

    for field in form.visible_fields():
        assert re.match(r"[А-ЯЁ]", str(field.label)), field.name


@every_service
def test_no_radio_button_is_empty(service):
    form = filled(service, owner=ConsumerFactory().user)  # bound, since the questions of a survey are rows

    radios = [field for field in form.fields.values() if isinstance(field.widget, forms.RadioSelect)]
    assert not [field for field in radios if "" in dict(field.choices)]


@every_service
def test_nonsense_in_every_field_is_refused_with_words(service):
    """NUL bytes, emoji, very long text, a foreign script: never an exception."""
    owner = ConsumerFactory().user
    for nonsense in ("\0", "😀" * 5000, "а\u0301" * 3000, "٣" * 300, "-1", "9" * 400, "0001-01-01T00:00", "<script>"):
        data = dict.fromkeys(service.form_class(owner=owner).fields, nonsense)
        data.pop("files", None)

        form = service.form_class(data, owner=owner)

        assert not form.is_valid()


@every_service
def test_letters_of_every_kind_survive(service):
    """Emoji, combining marks, quotation marks and look-alikes are text, and stay what they are."""
    text = "Ёлка 😀 и\u0306 «Вега» <b> & ' \" % {{ x }} \u202e Аll"
    long_fields = [
        field.name for field in service.detail_model._meta.fields if field.get_internal_type() == "TextField"
    ]

    service_request = submitted(service, **dict.fromkeys(long_fields, text))

    detail = service_request.detail
    detail.refresh_from_db()
    assert {getattr(detail, name) for name in long_fields} <= {text}


@pytest.mark.parametrize(
    "service", [service for service in SERVICES if "reply_channel" in service.form_class.common], ids=lambda s: s.slug
)
def test_an_answer_by_post_needs_an_address(service):
    owner = ConsumerFactory().user
    if "postal_address" not in service.form_class.common:
        return  # the answer to this service goes to the cabinet

    without = filled(service, owner=owner, reply_channel=ReplyChannel.POST)
    with_address = submitted(service, owner=owner, reply_channel=ReplyChannel.POST, postal_address="344000, Ростов, 1")

    assert errors(without) == {"postal_address": ["required"]}
    assert with_address.postal_address == "344000, Ростов, 1"


def test_the_tuple_is_the_only_list():
    assert [service.slug for service in SERVICES] == [
        "inquiry",
        "consultation",
        "complaint",
        "appointment",
        "violation-report",
        "meter-readings",
        "document-copies",
        "invoice",
        "survey",
    ]
    assert services.choices() == [(service.slug, service.noun) for service in SERVICES]
    assert ServiceRequest._meta.get_field("service").choices == services.choices()


def test_a_service_is_found_by_its_slug():
    assert services.get("inquiry") is services.get_or_404("inquiry") is inquiry.SERVICE
    with pytest.raises(KeyError):
        services.get("nothing")
    with pytest.raises(Http404):
        services.get_or_404("nothing")

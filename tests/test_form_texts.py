"""What forms say of an empty field."""

import pytest
from django import forms

from requests_app.services import SERVICES
from rsmportal.form_texts import EMPTY
from tests.factories import ConsumerFactory

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("field_class", EMPTY)
def test_empty_field_says_what_to_do(field_class):
    options = {"queryset": None} if field_class is forms.ModelChoiceField else {}

    assert field_class(**options).error_messages["required"] == EMPTY[field_class]


@pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.slug)
def test_no_field_of_a_service_says_it_as_django_does(service):
    form = service.form_class(owner=ConsumerFactory().user)

    assert not [name for name, field in form.fields.items() if "Обязательное" in str(field.error_messages["required"])]

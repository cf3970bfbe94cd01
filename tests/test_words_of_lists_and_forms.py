"""Lists and forms of the desk are called in plain Russian: Django puts names of models into the wrong case."""

import re

import pytest
from django.urls import reverse

from tests.factories import StaffFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def administrator(client):
    administrator = StaffFactory(is_superuser=True)
    client.force_login(administrator)
    return administrator


def heading(html):
    return re.search(r"<h1>(.*?)</h1>", html)[1]


@pytest.mark.parametrize(
    ("model", "many", "one"),
    [
        ("accounts_user", "Пользователи", "пользователь"),
        ("requests_app_supplypoint", "Точки поставки", "точка поставки"),
    ],
)
def test_a_list_and_the_form_that_adds_to_it(client, administrator, model, many, one):
    listed = client.get(reverse(f"admin:{model}_changelist")).content.decode()
    form = client.get(reverse(f"admin:{model}_add")).content.decode()

    assert heading(listed) == many
    assert 'class="addlink">Добавить</a>' in listed
    assert heading(form) == f"Добавить: {one}"
    assert f"Добавить {one}" not in form


def test_the_form_of_one_row_is_called_by_what_it_is(client, administrator):
    html = client.get(reverse("admin:accounts_user_change", args=[administrator.pk])).content.decode()

    assert heading(html) == "Пользователь"
    assert "Изменить пользователь" not in html


def test_filters_of_every_list_stand_in_a_row_and_count_nothing(client, administrator):
    html = client.get(reverse("admin:accounts_user_changelist")).content.decode()

    assert '<nav class="filter-bar" aria-label="Фильтр">' in html
    assert "<summary>Активен: <strong>Все</strong></summary>" in html
    assert "_facets" not in html

"""Appeals of people without a cabinet: their way to the end, or into a cabinet."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.urls import reverse
from post_office.models import Email

from requests_app import actions
from requests_app.lifecycle import Status
from requests_app.models import ServiceRequest
from requests_app.services import complaint, inquiry
from tests.factories import (
    ConsumerFactory,
    ServiceRequestFactory,
    StaffFactory,
    step_form,
)
from tests.on_behalf import REGISTER, form_page, html_of, nobody, tuesday_noon, written_down  # noqa: F401  `tuesday_noon` is a fixture

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("tuesday_noon")]


@pytest.fixture
def operator():
    return StaffFactory(group="operator")


# -- Into a cabinet -------------------------------------------------------------------------------------------------


def link(service_request):
    return reverse("admin:requests_app_servicerequest_link", args=[service_request.pk])


def test_a_request_is_given_to_a_cabinet_by_hand(client, operator):
    service_request = written_down(by=operator)
    owner = ConsumerFactory(agreed=True).user
    client.force_login(owner)
    assert client.get(service_request.get_absolute_url()).status_code == 404
    client.force_login(operator)

    client.post(link(service_request), {"owner": owner.email.upper(), "reason": "Перезвонили по номеру из заявки"})

    service_request.refresh_from_db()
    assert (service_request.owner, service_request.applicant_name) == (owner, "Лужина Вера Ильинична")
    assert service_request.reception.linked_by == operator
    assert Email.objects.get().to == [owner.email]
    assert "Перезвонили по номеру" in html_of(
        client.get(reverse("admin:requests_app_servicerequest_change", args=[service_request.pk]))
    )
    client.force_login(owner)
    page = html_of(client.get(service_request.get_absolute_url()))
    assert service_request.number in page
    assert "Перезвонили" not in page
    actions.transition(service_request, "withdraw", by=owner, form=step_form("withdraw", by=owner))


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"owner": "nobody@example.org"}, "owner"),
        ({"owner": ""}, "owner"),
        ({"owner": "x\0@example.org"}, "owner"),
        ({"reason": "Он"}, "reason"),
        ({"reason": ""}, "reason"),
    ],
)
def test_a_link_that_cannot_be(client, operator, values, field):
    service_request = written_down(by=operator)
    owner = ConsumerFactory().user
    client.force_login(operator)

    response = client.post(link(service_request), {"owner": owner.email, "reason": "Проверили паспорт", **values})

    assert field in response.context["form"].errors
    service_request.refresh_from_db()
    assert service_request.owner is None


def test_staff_have_no_cabinet_to_link_to(client, operator):
    service_request = written_down(by=operator)
    client.force_login(operator)

    response = client.post(link(service_request), {"owner": operator.email, "reason": "Проверили паспорт"})

    assert "owner" in response.context["form"].errors


def test_a_request_in_a_cabinet_stays_there(client, operator):
    service_request = written_down(owner=ConsumerFactory().user, by=operator)
    client.force_login(operator)

    response = client.post(
        link(service_request), {"owner": ConsumerFactory().user.email, "reason": "Проверили паспорт"}
    )

    assert response.status_code == 200
    with pytest.raises(actions.TransitionNotAllowed):
        actions.link_to_cabinet(service_request, owner=ConsumerFactory().user, reason="Проверили паспорт", by=operator)
    assert client.get(link(ServiceRequestFactory())).status_code == 404  # sent by its consumer


@pytest.mark.django_db(transaction=True)
def test_two_cabinets_at_once_one_gets_it():
    operator = StaffFactory(group="operator")
    service_request = written_down(by=operator)
    owners = [ConsumerFactory().user for _ in range(4)]

    def give(owner):
        try:
            actions.link_to_cabinet(service_request, owner=owner, reason="Проверили паспорт", by=operator)
        except actions.TransitionNotAllowed:
            return None
        finally:
            connection.close()
        return owner

    with ThreadPoolExecutor(4) as pool:
        got = [owner for owner in pool.map(give, owners) if owner]

    service_request.refresh_from_db()
    assert got == [service_request.owner]


# -- The life of one without a cabinet ------------------------------------------------------------------------------


def test_the_whole_way_without_a_cabinet(client, operator):
    service_request = written_down(by=operator)
    client.force_login(operator)
    for name in ("take", "ask", "resume", "answer", "close"):
        form = step_form(name, by=operator) if name in ("ask", "answer") else None
        service_request = actions.transition(service_request, name, by=operator, form=form)

    assert service_request.status == Status.CLOSED
    assert not Email.objects.exists()


def test_the_desk_says_who_tells_the_answer(client, operator):
    client.force_login(operator)
    by_hand = "Кабинета у заявителя нет: передайте текст сами."
    pages = {}
    for email in ("", "vera@example.org"):
        service_request = written_down(by=operator, applicant=nobody(email=email))
        pages[email] = html_of(
            client.get(reverse("admin:requests_app_servicerequest_message", args=[service_request.pk]))
        )
    known = written_down(owner=ConsumerFactory().user, by=operator)
    address = reverse("admin:requests_app_servicerequest_message", args=[known.pk])

    assert by_hand in pages[""]
    assert "уйдёт только номер" not in pages[""]
    assert f"{by_hand} На email уйдёт только номер и новость." in pages["vera@example.org"]
    assert by_hand not in html_of(client.get(address))


def test_one_that_nobody_has_written_down_is_found(operator, capsys):
    service_request = written_down(by=operator)
    service_request.reception.delete()

    with pytest.raises(CommandError, match="Problems found: 1"):
        call_command("check_data")
    assert f"{service_request.number}: in no cabinet" in capsys.readouterr().err


def test_requests_of_nobody_are_nobodys(operator):
    written_down(by=operator)

    assert not ServiceRequest.objects.owned_by(None).exists()
    form = complaint.SERVICE.form_class(owner=None, by=operator)
    assert not form.fields["repeats"].queryset.exists()


@pytest.mark.parametrize("method", ["put", "delete"])
def test_wrong_method(client, operator, method):
    client.force_login(operator)

    for address in (form_page(inquiry.SERVICE), link(ServiceRequestFactory())):
        assert getattr(client, method)(address).status_code == 405
    assert client.post(REGISTER).status_code == 405

"""An appeal that came by telephone, on paper or in the office is written down by a colleague."""

import uuid
from datetime import date

import pytest
from django.urls import reverse
from django.utils import timezone
from post_office.models import Email

from requests_app import actions
from requests_app.admin.consumer_search import find_consumers
from requests_app.codes import AppealForm
from requests_app.models import GrantStatus, ServiceRequest
from requests_app.reports import Period, appeal_rows, count_lines
from requests_app.services import inquiry, invoice, violation_report
from tests.factories import (
    AccessGrantFactory,
    ConsumerFactory,
    ServiceRequestFactory,
    StaffFactory,
    submitted,
)
from tests.files import upload
from tests.on_behalf import (  # noqa: F401  `tuesday_noon` is a fixture
    QUESTION,
    REGISTER,
    TAKEN,
    asked,
    form_page,
    html_of,
    nobody,
    stranger,
    told,
    tuesday_noon,
    written_down,
)
from tests.visits import booked

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("tuesday_noon")]


@pytest.fixture
def operator():
    return StaffFactory(group="operator")


# -- What is made ---------------------------------------------------------------------------------------------------


def test_by_telephone_for_a_known_consumer(client, operator):
    owner = ConsumerFactory(agreed=True).user
    client.force_login(operator)

    response = client.post(
        form_page(inquiry.SERVICE, consumer=owner.pk), {**told(), **asked(), "reply_channel": "cabinet"}
    )

    service_request = ServiceRequest.objects.get()
    assert response.url == reverse("admin:requests_app_servicerequest_change", args=[service_request.pk])
    assert (service_request.owner, service_request.applicant_name) == (owner, "Самойлов Николай Петрович")
    assert service_request.appeal_form == "phone"
    assert timezone.localtime(service_request.submitted_at).strftime("%d.%m %H:%M") == "23.11 16:40"
    assert service_request.due_on == date(2026, 12, 8)  # 15 days from the 24th, not from today's 25th
    assert service_request.detail.question == QUESTION
    reception = service_request.reception
    assert (reception.by, reception.consent, reception.consent_on) == (operator, "spoken", date(2026, 11, 23))
    assert Email.objects.get().to == [owner.email]

    desk = html_of(client.get(response.url))
    assert "Принята по телефону, Марина Олеговна, оператор" in desk
    assert "Устно, в разговоре, 23 ноября" in desk
    client.force_login(owner)
    assert "Вы, принято по телефону" in html_of(client.get(service_request.get_absolute_url()))
    assert "№ 2026-000001" in html_of(client.get(reverse("requests:list")))


def test_on_paper_for_somebody_without_a_cabinet(client, operator):
    client.force_login(operator)
    paper = {"appeal_form": "post", "reply_channel": "post", "phone": "", "address": "344000, Ростов-на-Дону, а/я 5"}

    response = client.post(form_page(inquiry.SERVICE), {**stranger(**paper, consent="paper"), **asked()})

    service_request = ServiceRequest.objects.get()
    assert service_request.owner is None
    assert (service_request.applicant_name, service_request.reply_channel) == ("Лужина Вера Ильинична", "post")
    assert not Email.objects.exists()
    desk = html_of(client.get(response.url))
    assert "Ответ передайте сами: письмом по почте, 344000, Ростов-на-Дону, а/я 5." in desk
    assert "Карточка потребителя" not in desk
    assert "Все заявки заявителя" not in desk
    assert "Лужина" in html_of(client.get(reverse("admin:requests_app_servicerequest_changelist"), {"q": "лужина"}))


def test_a_letter_to_a_stranger_has_the_number_and_no_link(operator):
    service_request = written_down(by=operator, applicant=nobody(email="vera@example.org"))
    actions.transition(service_request, "take", by=operator)

    registered, taken = Email.objects.order_by("pk")
    assert registered.to == taken.to == ["vera@example.org"]
    for letter, news in ((registered, "Зарегистрирована."), (taken, "Взята в работу.")):
        assert service_request.number in letter.message
        assert news in letter.message
        assert service_request.get_absolute_url() not in letter.message + letter.html_message
        assert QUESTION not in letter.message


@pytest.mark.parametrize("service", TAKEN, ids=lambda service: service.slug)
@pytest.mark.parametrize("is_known", [True, False])
def test_each_service_that_is_taken(service, is_known):
    supervisor = StaffFactory(group="supervisor")
    owner = ConsumerFactory().user if is_known else None
    answers = {"reporter": "named"} if service == violation_report.SERVICE else {}
    files = [upload()] if service.slug == "document-copies" else []

    service_request = written_down(service, owner, by=supervisor, files=files, answers=answers)

    assert service_request.kind is service
    assert list(service_request.rows())
    assert service_request.status_changes.get().by == supervisor


def test_which_services_are_taken():
    assert {service.slug for service in TAKEN} == {
        "inquiry",
        "consultation",
        "complaint",
        "violation-report",
        "document-copies",
        "invoice",
    }


def test_a_company_without_a_cabinet_is_asked_as_a_company(client, operator):
    client.force_login(operator)
    data = {**stranger(legal_form="company", name="ООО «Лотос»"), "kind": "connection", "submission_key": uuid.uuid4()}

    response = client.post(form_page(invoice.SERVICE), data)

    assert {"payer_inn", "payer_kpp", "payer_address"} <= set(response.context["form"].errors)


def test_the_regulator_counts_it_by_how_it_came(operator):
    written_down(by=operator, appeal_form=AppealForm.OFFICE)
    submitted(inquiry.SERVICE)
    november = Period(date(2026, 11, 1), date(2026, 11, 24))
    everything = ServiceRequest.objects.all()

    total = count_lines(everything, november)[0]

    assert sum(cell.now for cell in total.cells) == 2
    assert total.cells[0].now == 1  # face to face stands first
    assert [row[1] for row in appeal_rows(everything)] == ["2026-000001", "2026-000002"]  # as they came


# -- Who it is ------------------------------------------------------------------------------------------------------


def test_the_consumer_is_found_by_what_they_tell():
    person = ConsumerFactory(last_name="Семёнов", first_name="Игорь", phone="+79281112233")
    company = ConsumerFactory(legal_form="company", organisation="ООО «Лотос-Юг»")
    trader = ConsumerFactory(legal_form="sole_trader")
    AccessGrantFactory(user=company.user, status=GrantStatus.CONFIRMED, contract_number="ТП-2019/114")
    gone = ConsumerFactory(last_name="Семёнов")
    gone.user.is_active = False
    gone.user.save()

    cases = {
        person.user.email.upper(): person,
        "8 928 111-22-33": person,
        "+7 (928) 111-22-33": person,
        "семенов": person,
        "СЕМЁНОВ иг": person,
        f"СНИЛС {person.snils}": person,
        f"ИНН {company.inn}": company,
        company.ogrn: company,
        "№ тп-2019 / 114": company,
        "лотос": company,
        "ООО Лотос": company,
        trader.ogrnip: trader,
    }
    found = {term: find_consumers(term) for term in cases}

    assert found == {term: [consumer] for term, consumer in cases.items()}


@pytest.mark.parametrize("term", ["", "  ", "\0", "я", "%", "(((", "1", "٣٤٥", "а" * 500, "нет такого", "0" * 40])
def test_nobody_is_found(client, operator, term):
    ConsumerFactory()
    client.force_login(operator)

    response = client.get(REGISTER, {"q": term})

    assert response.status_code == 200
    assert not response.context["found"]


@pytest.mark.parametrize("amount", [1, 10])
def test_cost_of_finding_does_not_grow(client, operator, amount, django_assert_num_queries):
    for _ in range(amount):
        ConsumerFactory()
    client.force_login(operator)

    with django_assert_num_queries(5):  # session, user, two of permissions, consumers
        client.get(REGISTER, {"q": "Самойлов"})


# -- From a visit ---------------------------------------------------------------------------------------------------


def test_an_appeal_from_a_visit(client, operator):
    visit = booked()
    client.force_login(operator)
    desk = html_of(client.get(reverse("admin:requests_app_servicerequest_change", args=[visit.pk])))
    assert f"{REGISTER}?visit={visit.pk}" in desk
    assert form_page(inquiry.SERVICE, visit=visit.pk) in html_of(client.get(REGISTER, {"visit": visit.pk}))

    page = client.get(form_page(inquiry.SERVICE, visit=visit.pk))
    assert page.context["reception"].initial["appeal_form"] == AppealForm.OFFICE
    client.post(
        form_page(inquiry.SERVICE, visit=visit.pk),
        {**told(appeal_form="office"), **asked(), "reply_channel": "cabinet"},
    )

    made = ServiceRequest.objects.get(service="inquiry")
    assert (made.owner, made.reception.visit) == (visit.owner, visit)


def test_another_request_is_no_visit(client, operator):
    client.force_login(operator)

    assert client.get(REGISTER, {"visit": ServiceRequestFactory().pk}).status_code == 404

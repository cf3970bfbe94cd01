"""An appeal that came by telephone, on paper or in the office is written down by a colleague."""

import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.core.management import CommandError, call_command
from django.db import connection
from django.urls import reverse
from django.utils import timezone
from post_office.models import Email

from accounts.models import LegalForm
from requests_app import actions, services
from requests_app.admin.consumer_search import find_consumers
from requests_app.codes import AppealForm
from requests_app.lifecycle import Status
from requests_app.models import GrantStatus, Reception, ReplyChannel, ServiceRequest
from requests_app.reports import Period, appeal_rows, count_lines
from requests_app.services import complaint, inquiry, invoice, violation_report
from requests_app.services.base import CannotBeSent
from tests.factories import (
    AccessGrantFactory,
    ConsumerFactory,
    ServiceRequestFactory,
    StaffFactory,
    filled,
    step_form,
    submitted,
)
from tests.files import upload
from tests.visits import booked

pytestmark = pytest.mark.django_db

TAKEN = [service for service in services.SERVICES if service.is_taken_on_behalf]
REGISTER = reverse("admin:requests_app_servicerequest_register")
QUESTION = "Какие документы нужны, чтобы заменить счётчик?"


@pytest.fixture(autouse=True)
def _today():
    with time_machine.travel("2026-11-24T09:00:00Z", tick=False):  # Tuesday noon in Moscow
        yield


@pytest.fixture
def operator():
    return StaffFactory(group="operator")


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


# -- What is refused ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"received_at": "2026-11-24T12:01"}, "received_at"),
        ({"received_at": "2024-11-24T12:01"}, "received_at"),
        ({"received_at": ""}, "received_at"),
        ({"received_at": "вчера"}, "received_at"),
        ({"consent": ""}, "consent"),
        ({"consent": "no"}, "consent"),
        ({"consent_on": "2026-11-25"}, "consent_on"),
        ({"consent_on": "0001-01-01"}, "consent_on"),
        ({"appeal_form": "pigeon"}, "appeal_form"),
        ({"name": ""}, "name"),
        ({"name": "\0"}, "name"),
        ({"phone": ""}, "phone"),
        ({"phone": "٠١٢٣"}, "phone"),
        ({"reply_channel": "email"}, "email"),
        ({"reply_channel": "post"}, "address"),
        ({"reply_channel": "cabinet"}, "reply_channel"),
        ({"legal_form": "ghost"}, "legal_form"),
    ],
)
def test_what_cannot_be_is_said_by_its_field(client, operator, values, field):
    client.force_login(operator)

    response = client.post(form_page(inquiry.SERVICE), {**stranger(**values), **asked()})

    assert response.status_code == 200
    assert field in response.context["reception"].errors
    assert QUESTION in html_of(response)
    assert not ServiceRequest.objects.exists()


def test_a_scan_of_the_consent_must_be_there(client, operator):
    client.force_login(operator)
    without = client.post(form_page(inquiry.SERVICE), {**stranger(consent="scan"), **asked()})
    assert "files" in without.context["form"].errors

    client.post(form_page(inquiry.SERVICE), {**stranger(consent="scan"), **asked(), "files": upload("Согласие.pdf")})

    assert ServiceRequest.objects.get().attachments.get().uploader == operator


def test_files_of_a_refused_form_are_kept(client, operator):
    client.force_login(operator)
    data = {**stranger(name=""), **asked()}
    refused = client.post(form_page(inquiry.SERVICE), {**data, "files": upload("Заявление.pdf")})
    assert "Заявление.pdf" in html_of(refused)

    client.post(form_page(inquiry.SERVICE), {**data, **stranger()})

    assert ServiceRequest.objects.get().attachments.get().original_name == "Заявление.pdf"


@pytest.mark.parametrize(
    "values",
    [
        {"received_at": timezone.make_aware(timezone.datetime(2026, 11, 24, 12, 1))},
        {"consent_on": date(2026, 11, 25)},
        {"consent": "scan"},
    ],
)
def test_the_action_refuses_too(operator, values):
    with pytest.raises(CannotBeSent):
        written_down(by=operator, **values)

    assert not ServiceRequest.objects.exists()


@pytest.mark.parametrize("group", ["dpo", "editor", None])
def test_who_does_not_process_writes_nothing_down(group):
    with pytest.raises(PermissionDenied):
        written_down(by=StaffFactory(group=group))


def test_a_service_that_is_not_seen_is_not_offered(client, operator):
    client.force_login(operator)

    page = html_of(client.get(REGISTER, {"stranger": "1"}))

    assert form_page(inquiry.SERVICE) in page
    assert form_page(violation_report.SERVICE) not in page
    assert client.get(form_page(violation_report.SERVICE)).status_code == 404
    assert client.get(form_page(services.get("survey"))).status_code == 404
    with pytest.raises(PermissionDenied):
        written_down(violation_report.SERVICE, by=operator, answers={"reporter": "named"})


def test_a_colleague_learns_nothing_of_reports_that_are_closed_to_them(client, operator):
    owner = ConsumerFactory().user
    report = submitted(violation_report.SERVICE, owner=owner, reporter="named")
    earlier = submitted(inquiry.SERVICE, owner=owner)
    client.force_login(operator)

    page = html_of(client.get(form_page(complaint.SERVICE, consumer=owner.pk)))

    assert earlier.number in page
    assert report.number not in page


@pytest.mark.parametrize("key", ["0", "x", "٣", "9" * 30, "999999"])
@pytest.mark.parametrize("name", ["consumer", "visit"])
def test_nobody_by_that_key(client, operator, name, key):
    client.force_login(operator)

    for address in (REGISTER, form_page(inquiry.SERVICE)):
        assert client.get(address, {name: key}).status_code == 404


# -- Once -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("is_known", [True, False])
def test_the_same_form_sent_twice_is_one(operator, is_known):
    owner, key = (ConsumerFactory().user if is_known else None), uuid.uuid4()

    made = [written_down(owner=owner, by=operator, key=key) for _ in range(2)]

    assert made[0] == made[1]
    assert ServiceRequest.objects.count() == Reception.objects.count() == 1


def test_the_same_content_within_ten_minutes_is_one_and_of_another_person_two(operator):
    first = written_down(by=operator)

    assert written_down(by=operator) == first
    assert written_down(by=operator, applicant=nobody(name="Лужин Пётр Ильич")) != first
    with time_machine.travel("2026-11-24T09:11:00Z", tick=False):
        assert written_down(by=operator) != first


def test_another_content_under_the_same_key_is_asked_about(client, operator):
    client.force_login(operator)
    data = {**stranger(), **asked()}
    client.post(form_page(inquiry.SERVICE), data)

    again = client.post(form_page(inquiry.SERVICE), {**data, "question": "Совсем другой вопрос о тарифах"})

    assert "Эту форму вы уже отправили" in html_of(again)
    assert ServiceRequest.objects.count() == 1
    client.post(form_page(inquiry.SERVICE), {**data, **again.context["form"].data.dict()})
    assert ServiceRequest.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_two_colleagues_and_two_presses_at_once():
    colleagues = [StaffFactory(group="operator") for _ in range(2)]
    owner = ConsumerFactory().user
    sendings = [(by, form_for(inquiry.SERVICE, owner, by, key=key)) for by in colleagues for key in [uuid.uuid4()] * 2]
    told_facts = facts(owner)

    def send(sending):
        by, form = sending
        try:
            return actions.register_on_behalf(service=inquiry.SERVICE, form=form, facts=told_facts, by=by).number
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        numbers = list(pool.map(send, sendings))

    assert len(set(numbers)) == ServiceRequest.objects.count() == 2
    assert numbers[0] == numbers[1]
    assert numbers[2] == numbers[3]


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

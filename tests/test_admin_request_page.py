"""The page of one request on the work desk: everything about it in one place, nothing of it editable."""

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse
from django.utils import timezone

from requests_app import actions, services
from requests_app.lifecycle import APPEAL, Actor, Status
from requests_app.models import Audience, Message, MessageKind, ServiceRequest
from requests_app.services import complaint, inquiry
from tests.factories import (
    AttachmentFactory,
    MessageFactory,
    ServiceRequestFactory,
    StaffFactory,
    said,
    step_form,
    submitted,
)
from tests.files import fitting, upload

pytestmark = pytest.mark.django_db


@pytest.fixture
def operator(client):
    operator = StaffFactory(group="operator")
    client.force_login(operator)
    return operator


def address(service_request):
    return reverse("admin:requests_app_servicerequest_change", args=[service_request.pk])


def page_of(client, service_request):
    response = client.get(address(service_request))
    assert response.status_code == 200
    return response.content.decode().replace("\N{NO-BREAK SPACE}", " ").replace("&nbsp;", " ")


def buttons(html):
    """What the tools above the request offer."""
    tools = html.split('<ul class="object-tools">')[1].split("</ul>")[0]
    return {label for label in ALL_BUTTONS if f">{label}</" in tools}


ALL_BUTTONS = {
    "Взять в работу",
    "Запросить сведения",
    "Продолжить работу",
    "Ответить",
    "Отказать",
    "Закрыть",
    "Написать заявителю",
    "Добавить заметку",
    "Назначить",
}


# -- What it shows --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("service", services.SERVICES, ids=lambda service: service.slug)
def test_page_shows_all_that_was_asked(client, service):
    client.force_login(StaffFactory(group="supervisor"))
    service_request = submitted(service, files=[fitting(service, "Акт допуска")])

    html = page_of(client, service_request)

    assert f"<h1>Заявка № {service_request.number}</h1>" in html
    for row in service_request.rows():
        assert row.label in html
        assert row.value.replace("\N{NO-BREAK SPACE}", " ") in html
    assert service_request.attachments.count() == ("files" in service.form_class.common)
    for file in service_request.attachments.all():
        assert file.get_absolute_url() in html
        assert "Акт допуска." in html


def test_page_shows_the_applicant_as_of_then(client, operator):
    service_request = submitted(inquiry.SERVICE)
    consumer = service_request.owner.consumer
    consumer.last_name = "Переименованный"
    consumer.save()

    html = page_of(client, service_request)

    assert "Самойлов Николай Петрович" in html
    assert "Переименованный" not in html
    assert "Физическое лицо" in html
    assert "8 (928) 123-45-67" in html
    assert service_request.owner.email in html


def test_page_leads_to_the_applicant_and_their_requests(client, operator):
    service_request = submitted(inquiry.SERVICE)
    other = ServiceRequestFactory(owner=service_request.owner)
    ServiceRequestFactory()
    html = page_of(client, service_request)
    listing = f"{reverse('admin:requests_app_servicerequest_changelist')}?q={service_request.applicant_email}"
    assert f'href="{listing.replace("@", "%40")}"' in html
    assert f'href="{reverse("admin:accounts_consumer_change", args=[service_request.owner_id])}"' in html

    found = client.get(listing).context["cl"].result_list

    assert set(found) == {service_request, other}


def test_page_masks_the_snils(client, operator):
    service_request = submitted(inquiry.SERVICE)
    snils = service_request.owner.consumer.snils

    html = page_of(client, service_request)

    assert f"{snils[:3]}-***-*** {snils[-2:]}" in html
    assert snils[3:9] not in html


def test_page_tells_the_talk_and_the_history(client, operator):
    service_request = submitted(inquiry.SERVICE)
    actions.transition(service_request, "take", by=operator)
    actions.transition(
        service_request, "ask", by=operator, form=step_form("ask", by=operator, comment="Какой номер договора?")
    )
    owner = service_request.owner
    actions.post_message(service_request, form=said("Номер 114.", by=owner, files=[upload("Договор.pdf")]), by=owner)

    html = page_of(client, service_request)

    assert html.index("Какой номер договора?") < html.index("Номер 114.")
    assert "Вопрос заявителю" in html
    assert "Договор.pdf" in html
    story = html.split('<ol class="timeline">')[1].split("</ol>")[0]
    events = ["Зарегистрирована", "Взята в работу", "Запрошены сведения у заявителя", "Номер 114.", "Заявитель ответил"]
    assert [story.index(event) for event in events] == sorted(story.index(event) for event in events)
    assert story.count("Марина Олеговна, оператор") == 3  # two steps and the question


def test_a_note_is_visibly_internal(client, operator):
    message = MessageFactory(
        author=operator, audience=Audience.STAFF, kind=MessageKind.NOTE, body="Похожая: 2025-000003."
    )

    html = page_of(client, message.service_request)

    note = html.split('<article class="message message-note">')[1].split("</article>")[0]
    assert "Видят только сотрудники" in note
    assert "Похожая: 2025-000003." in note


def test_page_tells_of_disputes_and_repeats(client, operator):
    first = submitted(inquiry.SERVICE)
    actions.transition(first, "take", by=operator)
    actions.transition(first, "answer", by=operator, form=step_form("answer", by=operator))
    actions.transition(first, "dispute", by=first.owner, form=step_form("dispute", by=first.owner))
    second = submitted(complaint.SERVICE, owner=first.owner, repeats=first.pk)

    first_html, second_html = page_of(client, first), page_of(client, second)

    assert "не согласился с ответом 1 раз" in first_html
    assert f'<a href="{address(second)}">№ {second.number}</a>' in first_html
    assert f'<a href="{address(first)}">' in second_html


def test_page_shows_term_and_codes(client, operator):
    service_request = ServiceRequestFactory(
        status=Status.ANSWERED, measures_done="Заменён кабель.", due_on=timezone.localdate()
    )

    html = page_of(client, service_request)

    assert "ответили в срок" in html
    assert "Обращение: коммерческий учёт электрической энергии" in html
    assert "Заменён кабель." in html


def test_what_people_typed_is_text(client, operator):
    service_request = ServiceRequestFactory(applicant_name="<b>Имя</b>", object_address='"><script>alert(1)</script>')
    MessageFactory(service_request=service_request, body="<img src=x onerror=alert(2)> javascript:alert(3)")
    AttachmentFactory(service_request=service_request, original_name='<svg onload="alert(4)">.pdf')

    html = page_of(client, service_request)

    for code in ("<b>Имя", "<script>alert", "<img", '<svg onload="', 'href="javascript:'):
        assert code not in html


def test_page_cost_does_not_grow(client, django_assert_num_queries):
    operator = StaffFactory(group="operator")
    service_request = ServiceRequestFactory()
    for rows in (1, 20):
        for _ in range(rows):
            message = MessageFactory(service_request=service_request, author=operator)
            AttachmentFactory(service_request=service_request, message=message)
            AttachmentFactory(service_request=service_request)
            ServiceRequestFactory(owner=service_request.owner, repeat_of=service_request)
            service_request.status_changes.create(to_status=Status.REGISTERED, by=operator)
        client.force_login(operator)
        client.get(address(service_request))  # what a process asks once

        # session, user, two of permissions, request, detail, grade and its answer, repeats, files; messages, their files,
        # steps, extensions, papers, letters; presence noted and read, drafts, replies; other requests, objects, what the request is about
        # with how many others it was answered;
        # assignments, how it was received
        with django_assert_num_queries(26):
            client.get(address(service_request))


# -- What it does not do --------------------------------------------------------------------------------------------


def test_nothing_is_saved_here(client):
    service_request = ServiceRequestFactory()
    client.force_login(StaffFactory(is_superuser=True))

    html = page_of(client, service_request)
    response = client.post(address(service_request), {"status": "closed", "number": "2026-999999", "_save": "1"})

    assert response.status_code == 403
    assert 'name="_save"' not in html
    assert (service_request.status, service_request.number) == ServiceRequest.objects.values_list(
        "status", "number"
    ).get(pk=service_request.pk)


def test_a_look_changes_nothing(client, operator):
    service_request = submitted(inquiry.SERVICE)

    page_of(client, service_request)

    assert ServiceRequest.objects.filter(pk=service_request.pk, status=Status.REGISTERED, assignee=None).exists()
    assert not Message.objects.exists()


# -- What it offers -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", Status)
def test_buttons_are_the_steps_that_may_be_taken(client, operator, status):
    service_request = ServiceRequestFactory(status=status)

    offered = buttons(page_of(client, service_request))

    steps = {step.label for step in APPEAL.steps_from(status, Actor.STAFF)}
    letter = {"Написать заявителю"} if status in {*Status} - {"closed", "refused", "withdrawn"} else set()
    assert offered == steps | letter | {"Добавить заметку", "Назначить"}


def test_who_may_only_look_is_offered_nothing(client):
    reader = StaffFactory()
    reader.user_permissions.add(Permission.objects.get(codename="view_servicerequest"))
    client.force_login(reader)

    html = page_of(client, ServiceRequestFactory())

    assert "object-tools" not in html


def test_unknown_request_is_not_there(client, operator):
    response = client.get(reverse("admin:requests_app_servicerequest_change", args=[999999]))

    assert response.status_code == 404

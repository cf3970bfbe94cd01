"""What staff do with a request on the work desk: steps of its life, letters, notes, the assignee."""

import re
from html import unescape

import pytest
from django.contrib.auth.models import Permission
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from post_office.models import Email

from requests_app import actions
from requests_app.admin import service_request as desk
from requests_app.codes import Category, RefusalReason
from requests_app.lifecycle import TRANSITIONS, Actor, Status
from requests_app.models import Attachment, Audience, Message, MessageKind, ServiceRequest
from requests_app.services import inquiry
from tests.factories import ServiceRequestFactory, StaffFactory, submitted
from tests.files import upload
from tests.on_behalf import written_down

pytestmark = pytest.mark.django_db

STAFF_STEPS = [step for step in TRANSITIONS if step.actor == Actor.STAFF]
CONSUMER_STEPS = [step for step in TRANSITIONS if step.actor == Actor.CONSUMER]
PAGES = ["message", "note", "assign"]
KEY = "7d9c1a52-6a3c-4f0e-9d5c-2b1d6f3f7a10"


@pytest.fixture
def operator(client):
    operator = StaffFactory(group="operator", name="Марина Олеговна, оператор")
    client.force_login(operator)
    return operator


def at(service_request, name):
    """The address of a step, or of one of PAGES."""
    if name in PAGES:
        return reverse(f"admin:requests_app_servicerequest_{name}", args=[service_request.pk])
    return reverse("admin:requests_app_servicerequest_transition", args=[service_request.pk, name])


def page_of(service_request):
    return reverse("admin:requests_app_servicerequest_change", args=[service_request.pk])


def answers(**given):
    """What a form of any step takes."""
    return {
        "comment": "Прибор меняет его владелец.",
        "refusal_reason": RefusalReason.NOT_OURS,
        "category": Category.APPEAL_METERING,
        "submission_key": KEY,
        **given,
    }


def html_of(response):
    return response.content.decode().replace("\N{NO-BREAK SPACE}", " ").replace("&nbsp;", " ")


# -- Steps of the life cycle ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("step", STAFF_STEPS, ids=lambda step: step.name)
def test_each_step_has_a_page_whose_button_is_called_as_the_step(client, operator, step):
    service_request = ServiceRequestFactory(status=step.sources[0])

    html = html_of(client.get(at(service_request, step.name)))

    assert f"<h1>{step.label}</h1>" in html
    form = html.split('<form class="step"')[1].split("</form>")[0]
    assert re.search(rf'<button type="submit" class="button[^"]*">{step.label}</button>', form)
    assert 'name="submission_key"' in form
    assert ServiceRequest.objects.get(pk=service_request.pk).status == step.sources[0], "a look has changed it"


@pytest.mark.parametrize("step", STAFF_STEPS, ids=lambda step: step.name)
def test_each_step_is_taken_once_however_often_it_is_sent(client, operator, step):
    service_request = ServiceRequestFactory(status=step.sources[0])
    before = service_request.status_changes.count()

    for _ in range(2):
        response = client.post(at(service_request, step.name), answers())

        assert response.status_code == 302
        assert response.url == page_of(service_request)
    service_request.refresh_from_db()
    assert service_request.status == step.target
    assert service_request.status_changes.count() == before + 1
    assert service_request.status_changes.last().by == operator
    assert service_request.messages.count() == (0 if step.name == "take" else 1)
    assert Email.objects.count() == 1


@pytest.mark.parametrize("step", STAFF_STEPS, ids=lambda step: step.name)
def test_a_step_that_cannot_be_taken_any_more_is_told_and_the_text_stays(client, operator, step):
    elsewhere = next(status for status in Status if status not in step.sources and status != Status.REGISTERED)
    service_request = ServiceRequestFactory(status=elsewhere)

    response = client.post(at(service_request, step.name), answers())

    assert response.status_code == 200
    html = html_of(response)
    assert "Статус заявки уже другой" in html
    assert step.name == "take" or "Прибор меняет его владелец." in html
    assert ServiceRequest.objects.get(pk=service_request.pk).status == elsewhere
    assert not Message.objects.exists()
    assert not Email.objects.exists()


@pytest.mark.parametrize("step", STAFF_STEPS, ids=lambda step: step.name)
def test_the_page_of_a_step_that_cannot_be_taken_has_no_form(client, operator, step):
    elsewhere = next(status for status in Status if status not in step.sources)

    html = html_of(client.get(at(ServiceRequestFactory(status=elsewhere), step.name)))

    assert "Сейчас этого сделать нельзя" in html
    assert '<form class="step"' not in html


@pytest.mark.parametrize("step", CONSUMER_STEPS, ids=lambda step: step.name)
def test_steps_of_the_consumer_are_not_here(client, operator, step):
    service_request = ServiceRequestFactory(status=step.sources[0])

    assert client.get(at(service_request, step.name)).status_code == 404
    assert client.post(at(service_request, step.name), answers()).status_code == 404


def test_taking_makes_one_the_assignee(client, operator):
    service_request = submitted(inquiry.SERVICE)
    take = html_of(client.get(page_of(service_request))).split('<ul class="object-tools">')[1].split("</form>")[0]
    assert f'action="{at(service_request, "take")}"' in take
    assert "csrfmiddlewaretoken" in take
    assert 'name="submission_key"' in take

    html = html_of(client.post(at(service_request, "take"), {"submission_key": KEY}, follow=True))

    assert "Взята в работу." in html
    service_request.refresh_from_db()
    assert service_request.assignee == operator


def test_a_request_of_a_colleague_stays_theirs_when_another_takes_it_and_that_is_said(client, operator):
    colleague = StaffFactory(group="supervisor", name="Андрей Викторович, руководитель")
    service_request = ServiceRequestFactory(assignee=colleague, assigned_at=timezone.now())

    before = html_of(client.get(at(service_request, "take")))
    after = html_of(client.post(at(service_request, "take"), {"submission_key": KEY}, follow=True))

    assert "Исполнителем останется Андрей Викторович, руководитель; заявителю придёт письмо." in before
    assert "Взята в работу. Исполнитель прежний: Андрей Викторович, руководитель." in after
    service_request.refresh_from_db()
    assert service_request.assignee == colleague


def test_no_letter_is_promised_to_who_has_neither_cabinet_nor_email(client, operator):
    page = client.get(at(written_down(by=operator), "take"))

    assert page.context["page"].note == "Вы\N{NO-BREAK SPACE}станете исполнителем."


@pytest.mark.parametrize("step", [step for step in STAFF_STEPS if step.needs_comment], ids=lambda step: step.name)
def test_a_text_is_asked_for(client, operator, step):
    service_request = ServiceRequestFactory(status=step.sources[0])

    response = client.post(at(service_request, step.name), answers(comment=" "))

    assert response.context["form"].errors["comment"].as_data()[0].code == "required"
    assert 'aria-invalid="true"' in html_of(response)
    assert ServiceRequest.objects.get(pk=service_request.pk).status == step.sources[0]


def test_a_refusal_asks_for_its_reason(client, operator):
    service_request = ServiceRequestFactory()

    response = client.post(at(service_request, "refuse"), answers(refusal_reason=""))

    assert response.context["form"].errors["refusal_reason"].as_data()[0].code == "required"
    assert "Прибор меняет его владелец." in html_of(response)


def test_of_two_who_answer_the_second_is_told(client, operator):
    service_request = ServiceRequestFactory(status=Status.IN_PROGRESS)
    colleague = Client()
    colleague.force_login(StaffFactory(group="supervisor"))
    for browser in (client, colleague):
        assert "Ответ заявителю" in html_of(browser.get(at(service_request, "answer")))

    client.post(at(service_request, "answer"), answers(comment="Первый ответ."))
    second = html_of(
        colleague.post(at(service_request, "answer"), answers(comment="Второй ответ.", category=Category.APPEAL_OTHER))
    )

    assert "Статус заявки уже другой: «Ответ дан»" in second
    assert "Первый ответ." in second, "the second does not see what the first wrote"
    assert "Второй ответ.</textarea>" in second
    assert service_request.messages.get().body == "Первый ответ."
    service_request.refresh_from_db()
    assert service_request.category == Category.APPEAL_METERING, "the codes of the refused answer were kept"
    assert Email.objects.count() == 1


def test_fields_that_the_form_does_not_have_are_ignored(client, operator):
    service_request = ServiceRequestFactory(status=Status.IN_PROGRESS)
    owner = service_request.owner

    client.post(
        at(service_request, "ask"), answers(owner=operator.pk, status="closed", due_on="2030-01-01", number="1")
    )

    changed = ServiceRequest.objects.get(pk=service_request.pk)
    assert (changed.owner, changed.status) == (owner, Status.AWAITING_CONSUMER)
    assert (changed.due_on, changed.number) == (service_request.due_on, service_request.number)


# -- Files ----------------------------------------------------------------------------------------------------------


def test_an_answer_carries_files(client, operator):
    service_request = ServiceRequestFactory(status=Status.IN_PROGRESS)

    client.post(at(service_request, "answer"), answers(files=[upload("Ответ.pdf")]))

    message = service_request.messages.get()
    assert [attachment.original_name for attachment in message.attachments.all()] == ["Ответ.pdf"]
    assert message.attachments.visible_to(service_request.owner).exists()


def test_files_of_a_refused_form_are_kept(client, operator):
    service_request = ServiceRequestFactory(status=Status.IN_PROGRESS)

    refused = html_of(client.post(at(service_request, "answer"), answers(comment="", files=[upload("Ответ.pdf")])))
    client.post(at(service_request, "answer"), answers())

    assert "Убрать «Ответ.pdf»" in refused
    assert service_request.messages.get().attachments.get().original_name == "Ответ.pdf"


def test_files_of_a_step_that_came_too_late_are_kept(client, operator):
    service_request = ServiceRequestFactory(status=Status.ANSWERED)

    html = html_of(client.post(at(service_request, "answer"), answers(files=[upload("Ответ.pdf")])))

    assert "Убрать «Ответ.pdf»" in html
    assert Attachment.objects.get().service_request is None


def test_a_full_disk_is_told_and_the_text_stays(client, operator, monkeypatch):
    service_request = ServiceRequestFactory(status=Status.IN_PROGRESS)

    def full(*args, **kwargs):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("django.core.files.storage.FileSystemStorage._save", full)

    html = html_of(client.post(at(service_request, "answer"), answers(files=[upload("Ответ.pdf")])))

    assert "Файлы сейчас не сохраняются" in html
    assert "Прибор меняет его владелец.</textarea>" in html
    assert ServiceRequest.objects.get(pk=service_request.pk).status == Status.IN_PROGRESS


# -- Codes ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "status"), [("answer", Status.IN_PROGRESS), ("close", Status.ANSWERED)])
def test_codes_are_set_while_answering_and_closing(client, operator, name, status):
    service_request = ServiceRequestFactory(status=status)
    codes = {
        "category": Category.COMPLAINT_METERING,
        "measures_done": "Прибор проверен.",
        "measures_planned": "Замена прибора в марте.",
    }
    shown = client.get(at(service_request, name)).context["form"]
    assert shown["category"].value() == service_request.category

    client.post(at(service_request, name), answers(**codes))

    assert ServiceRequest.objects.filter(pk=service_request.pk, **codes).exists()


@pytest.mark.parametrize(
    ("name", "status"),
    [("answer", Status.IN_PROGRESS), ("refuse", Status.IN_PROGRESS), ("close", Status.ANSWERED)],
)
def test_the_category_stands_chosen_and_is_not_called_optional(client, operator, name, status):
    service_request = ServiceRequestFactory(status=status)

    shown = client.get(at(service_request, name))
    response = client.post(at(service_request, name), answers(category=""))

    label = re.search(r"<label[^>]*>Категория обращения(.*?)</label>", html_of(shown), re.DOTALL)
    assert label[1].strip() == ""
    assert shown.context["form"]["category"].value() == service_request.category
    assert "category" in response.context["form"].errors
    assert ServiceRequest.objects.get(pk=service_request.pk).status == status


def test_an_unknown_category_is_refused(client, operator):
    service_request = ServiceRequestFactory(status=Status.IN_PROGRESS)

    response = client.post(at(service_request, "answer"), answers(category="complaint_weather"))

    assert response.context["form"].errors["category"].as_data()[0].code == "invalid_choice"
    assert ServiceRequest.objects.get(pk=service_request.pk).status == Status.IN_PROGRESS


def test_measures_are_not_for_the_applicant(client, operator):
    service_request = ServiceRequestFactory(status=Status.IN_PROGRESS)

    client.post(at(service_request, "answer"), answers(measures_done="Заменён предохранитель."))

    consumer = Client()
    consumer.force_login(service_request.owner)
    assert "Заменён предохранитель." not in html_of(consumer.get(service_request.get_absolute_url()))


def test_codes_are_for_those_who_process_requests():
    service_request = ServiceRequestFactory()
    codes = {"category": Category.APPEAL_OTHER, "measures_done": "Да", "measures_planned": ""}

    for by in (service_request.owner, StaffFactory(group="editor")):
        with pytest.raises(PermissionDenied):
            actions.set_codes(service_request, by=by, **codes)
    with pytest.raises(ValueError, match="weather"):
        actions.set_codes(service_request, by=StaffFactory(group="operator"), **{**codes, "category": "weather"})

    service_request.refresh_from_db()
    assert service_request.measures_done == ""


# -- Letters and notes ----------------------------------------------------------------------------------------------


def test_a_message_reaches_the_applicant_once(client, operator):
    service_request = ServiceRequestFactory(status=Status.IN_PROGRESS)

    for _ in range(2):
        response = client.post(
            at(service_request, "message"), {"body": "Мастер приедет завтра.", "submission_key": KEY}
        )
        assert response.url == page_of(service_request)

    message = service_request.messages.get()
    assert (message.audience, message.kind, message.author) == (Audience.CONSUMER, MessageKind.MESSAGE, operator)
    assert Email.objects.get().to == [service_request.owner.email]


@pytest.mark.parametrize(("status", "is_said"), [(Status.REGISTERED, True), (Status.ANSWERED, False)])
def test_a_message_is_not_taken_for_the_answer(client, operator, status, is_said):
    """On the page of a new request the only box for a text is that of a message."""
    html = html_of(client.get(page_of(ServiceRequestFactory(status=status))))

    assert "Заявитель увидит это в кабинете и получит письмо" in html
    assert ("Это не ответ: срок идёт дальше" in html) == is_said


def test_a_note_stays_among_staff(client, operator):
    service_request = ServiceRequestFactory(status=Status.IN_PROGRESS)
    note = {"body": "Проверить пломбу на месте.", "submission_key": KEY, "files": [upload("Выписка.pdf")]}

    for _ in range(2):
        note["files"][0].seek(0)
        assert client.post(at(service_request, "note"), note).url == page_of(service_request)

    message = service_request.messages.get()
    assert (message.audience, message.kind, message.author) == (Audience.STAFF, MessageKind.NOTE, operator)
    assert not Email.objects.exists()
    assert not service_request.messages.visible_to(service_request.owner).exists()
    consumer = Client()
    consumer.force_login(service_request.owner)
    html = html_of(consumer.get(service_request.get_absolute_url()))
    assert "Проверить пломбу" not in html
    assert "Выписка.pdf" not in html
    assert consumer.get(message.attachments.get().get_absolute_url()).status_code == 404


def test_a_note_is_possible_when_a_message_is_not(client, operator):
    service_request = ServiceRequestFactory(status=Status.CLOSED)

    letter = client.post(at(service_request, "message"), {"body": "Ещё одно.", "submission_key": KEY})
    client.post(at(service_request, "note"), {"body": "Проверено.", "submission_key": KEY})

    assert '<form class="step"' not in html_of(client.get(at(service_request, "message")))
    assert "Заявка завершена" in html_of(letter)
    assert "Ещё одно.</textarea>" in html_of(letter)
    assert service_request.messages.get().body == "Проверено."


@pytest.mark.parametrize("name", ["message", "note"])
def test_an_empty_text_is_refused(client, operator, name):
    service_request = ServiceRequestFactory()

    response = client.post(at(service_request, name), {"body": "", "submission_key": KEY})

    assert response.context["form"].errors["body"].as_data()[0].code == "required"
    assert not Message.objects.exists()


# -- The assignee ---------------------------------------------------------------------------------------------------


def test_a_request_is_given_to_a_colleague_to_oneself_and_to_nobody(client, operator):
    service_request = ServiceRequestFactory()
    colleague = StaffFactory(group="supervisor", name="Андрей Викторович, руководитель")

    for wanted in (colleague, operator, None):
        response = client.post(at(service_request, "assign"), {"assignee": wanted.pk if wanted else ""})

        assert response.url == page_of(service_request)
        service_request.refresh_from_db()
        assert service_request.assignee == wanted


@pytest.mark.parametrize("group", ["editor", "dpo", None])
def test_a_request_is_not_given_to_who_may_not_process_it(client, operator, group):
    service_request = ServiceRequestFactory()
    stranger = StaffFactory(group=group) if group else service_request.owner

    response = client.post(at(service_request, "assign"), {"assignee": stranger.pk})

    assert response.context["form"].errors["assignee"].as_data()[0].code == "invalid_choice"
    assert ServiceRequest.objects.get(pk=service_request.pk).assignee is None


def test_one_is_offered_oneself_first(client, operator):
    response = client.get(at(ServiceRequestFactory(), "assign"))

    assert response.context["form"]["assignee"].value() == operator.pk


# -- Who may --------------------------------------------------------------------------------------------------------

ALL_PAGES = [*(step.name for step in STAFF_STEPS), *PAGES]


@pytest.mark.parametrize("name", ALL_PAGES)
def test_who_may_only_look_does_nothing(client, name):
    reader = StaffFactory()
    reader.user_permissions.add(Permission.objects.get(codename="view_servicerequest"))
    client.force_login(reader)
    service_request = ServiceRequestFactory()

    assert client.get(at(service_request, name)).status_code == 403
    assert client.post(at(service_request, name), {**answers(), "body": "Текст"}).status_code == 403
    assert not Message.objects.exists()


@pytest.mark.parametrize("name", ALL_PAGES)
def test_who_may_process_and_not_look_does_nothing(client, name):
    blind = StaffFactory()
    blind.user_permissions.add(Permission.objects.get(codename="process_servicerequest"))
    client.force_login(blind)

    assert client.get(at(ServiceRequestFactory(), name)).status_code == 403


@pytest.mark.parametrize("name", ALL_PAGES)
def test_a_request_out_of_sight_is_out_of_reach(client, operator, name, monkeypatch):
    hidden = ServiceRequestFactory()
    monkeypatch.setattr(
        desk.ServiceRequestAdmin, "get_queryset", lambda self, request: ServiceRequest.objects.exclude(pk=hidden.pk)
    )

    assert client.get(at(hidden, name)).status_code == 404
    assert client.post(at(hidden, name), {**answers(), "body": "Текст"}).status_code == 404
    assert client.get(page_of(hidden)).status_code == 404
    listed = client.get(reverse("admin:requests_app_servicerequest_changelist"), {"q": hidden.number})
    assert hidden not in listed.context["cl"].result_list


@pytest.mark.parametrize("name", ALL_PAGES)
def test_another_site_cannot_send_the_form(name):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(StaffFactory(group="operator"))

    response = browser.post(at(ServiceRequestFactory(), name), {**answers(), "body": "Текст"})

    assert response.status_code == 403
    assert not Message.objects.exists()


@pytest.mark.parametrize("name", ALL_PAGES)
def test_other_methods_are_refused(client, operator, name):
    service_request = ServiceRequestFactory()

    assert client.delete(at(service_request, name)).status_code == 405
    assert client.put(at(service_request, name)).status_code == 405


def test_an_unknown_request_or_step_is_not_found(client, operator):
    service_request = ServiceRequestFactory()

    assert client.get(at(service_request, "explode")).status_code == 404
    for key in (999999, 10**30):
        unknown = reverse("admin:requests_app_servicerequest_transition", args=[key, "take"])
        assert client.get(unknown).status_code == 404


def test_own_request_of_a_superuser_is_not_processed_by_them(client):
    service_request = ServiceRequestFactory()
    owner = service_request.owner
    owner.is_staff = owner.is_superuser = True
    owner.save()
    client.force_login(owner)

    response = client.post(at(service_request, "take"), answers())

    assert "недоступен" in html_of(response)
    assert ServiceRequest.objects.get(pk=service_request.pk).status == Status.REGISTERED


# -- The way back ---------------------------------------------------------------------------------------------------


def links(response):
    return [unescape(found) for found in re.findall(r'(?:href|action)="([^"]+)"', response.content.decode())]


@pytest.mark.parametrize("name", ["answer", "message", "note", "assign"])
def test_the_way_back_leads_to_the_list_as_it_was_narrowed(client, operator, name):
    service_request = ServiceRequestFactory(status=Status.IN_PROGRESS, assignee=operator, assigned_at=timezone.now())
    listing = f"{reverse('admin:requests_app_servicerequest_changelist')}?view=mine&service=inquiry"
    row = next(link for link in links(client.get(listing)) if link.startswith(page_of(service_request)))

    page = client.get(row)
    step = next(link for link in links(page) if link.startswith(at(service_request, name)))
    done = client.post(step, answers(body="Приедем.", assignee=operator.pk), follow=True)

    assert done.redirect_chain == [(row, 302)]
    for response in (page, client.get(step), done):
        assert listing in links(response)


def test_a_refused_form_and_a_kept_draft_keep_the_way_back(client, operator):
    service_request = ServiceRequestFactory(status=Status.IN_PROGRESS)
    step = f"{at(service_request, 'answer')}?_changelist_filters=view%3Dmine"
    listing = f"{reverse('admin:requests_app_servicerequest_changelist')}?view=mine"

    refused = client.post(step, answers(comment=""))
    kept = client.post(step, answers(save_draft="1"))

    assert listing in links(refused)
    assert step in links(refused)
    assert kept.url == step


def test_without_a_list_the_way_back_leads_to_the_whole_queue(client, operator):
    service_request = ServiceRequestFactory()

    page = client.get(page_of(service_request))

    assert reverse("admin:requests_app_servicerequest_changelist") in links(page)
    assert not any("_changelist_filters" in link for link in links(page))

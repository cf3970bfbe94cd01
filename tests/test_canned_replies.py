"""Canned replies: written by staff with words in braces, chosen while answering, never sent with a gap."""

import re

import pytest
from django.contrib.messages import get_messages
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from requests_app import placeholders, replies
from requests_app.dates import full_day
from requests_app.lifecycle import Status
from requests_app.models import CannedReply, Message
from requests_app.models.canned_reply import CannedReplyService
from requests_app.models.request import HIDDEN_NAME
from requests_app.services import SERVICES, complaint
from tests.factories import ConsumerFactory, ServiceRequestFactory, StaffFactory, submitted
from tests.files import upload

pytestmark = pytest.mark.django_db

CHANGE = "admin:requests_app_servicerequest_change"


@pytest.fixture
def operator(client):
    operator = StaffFactory(group="operator", name="Марина Олеговна, оператор")
    client.force_login(operator)
    return operator


def make_reply(text, *services, title="Проба", **given):
    reply = CannedReply.objects.create(title=title, text=text, **given)
    CannedReplyService.objects.bulk_create(CannedReplyService(reply=reply, service=slug) for slug in services)
    return reply


def at(service_request, name="answer"):
    if name in ("message", "note"):
        return reverse(f"admin:requests_app_servicerequest_{name}", args=[service_request.pk])
    return reverse("admin:requests_app_servicerequest_transition", args=[service_request.pk, name])


def warnings(response):
    return " ".join(map(str, get_messages(response.wsgi_request))).replace("\N{NO-BREAK SPACE}", " ")


# -- The words in braces --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("Заявка № {номер}, {Имя}.", ""),
        ("Заявка № { номер }.", ""),
        ("Без слов в скобках.", ""),
        ("Здравствуйте, {фио}!", "{фио}"),
        ("{номер} и {сума}", "{сума}"),
        ("{}", "{}"),
        ("Заявка {номер", "без пары"),
        ("Заявка номер}", "без пары"),
        ("{{номер}}", "без пары"),
        ("{номер}\0", ""),
    ],
)
def test_a_text_is_judged_when_it_is_written(text, problem):
    told = placeholders.problem_of(text)

    assert (problem in told) if problem else told == ""
    assert "сума" not in told or "{номер}" in told  # the known ones are named beside the unknown


def test_known_words_are_filled_and_gaps_are_named():
    filled = placeholders.fill("№ {номер}, {Договор}, {договор}, {своё}.", {"номер": "2026-000001", "договор": ""})

    assert filled.text == "№ 2026-000001, {договор}, {договор}, {своё}."
    assert filled.missing == ["договор", "своё"]
    assert placeholders.left_in(filled.text) == ["договор"]


def test_every_known_word_has_a_value_somewhere():
    operator = StaffFactory(group="operator", name="Марина Олеговна")
    service_request = ServiceRequestFactory(contract_number="ТП-2019/114", object_address="ул. Портовая, 71")

    values = replies.values_of(service_request, by=operator)

    assert set(values) == set(placeholders.KNOWN)
    assert values == {
        "номер": service_request.number,
        "имя": "Николай Петрович",
        "заявитель": "Самойлов Николай Петрович",
        "услуга": "Справка",
        "предмет": "учёт электроэнергии",
        "срок": full_day(service_request.due_on),
        "дата": full_day(timezone.localdate()),
        "договор": "ТП-2019/114",
        "адрес": "ул. Портовая, 71",
        "исполнитель": "Марина Олеговна",
    }


def test_what_a_request_lacks_is_empty_and_nobody_hidden_is_named():
    colleague = StaffFactory(name="")
    company = ServiceRequestFactory(owner=ConsumerFactory(legal_form="company").user, status=Status.CLOSED)
    hidden = ServiceRequestFactory(
        is_anonymous=True,
        applicant_name=HIDDEN_NAME,
        applicant_legal_form="",
        applicant_identifier="",
        applicant_email="",
    )
    trader = ServiceRequestFactory(owner=ConsumerFactory(legal_form="sole_trader").user)

    of_company, of_hidden = (replies.values_of(row, by=colleague) for row in (company, hidden))

    assert (of_company["имя"], of_company["срок"], of_company["договор"]) == ("", "", "")
    assert of_company["исполнитель"] == ""  # an e-mail address is nobody's name
    assert (of_hidden["имя"], of_hidden["заявитель"]) == ("", "")
    assert replies.values_of(trader, by=colleague)["имя"] == "Тамара Ильинична"


# -- Written by staff -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("group", ["supervisor", "editor"])
def test_a_reply_is_written_for_some_services(client, group):
    client.force_login(StaffFactory(group=group))
    data = {"title": "Новый", "text": "Заявка № {номер}.", "is_active": "on", "for_services": ["inquiry", "complaint"]}

    client.post(reverse("admin:requests_app_cannedreply_add"), data)

    reply = CannedReply.objects.get(title="Новый")
    assert set(reply.services.values_list("service", flat=True)) == {"inquiry", "complaint"}
    change = reverse("admin:requests_app_cannedreply_change", args=[reply.pk])
    assert set(client.get(change).context["adminform"].form.initial["for_services"]) == {"inquiry", "complaint"}
    client.post(change, {**data, "for_services": []})
    assert not reply.services.exists()


def test_an_unknown_word_is_refused_and_named(client):
    client.force_login(StaffFactory(group="editor"))
    data = {"title": "Новый", "text": "Здравствуйте, {фио}!", "is_active": "on"}

    response = client.post(reverse("admin:requests_app_cannedreply_add"), data)

    [error] = response.context["adminform"].form.errors["text"]
    assert "{фио}" in error
    assert "{заявитель}" in error
    assert "Здравствуйте, {фио}!</textarea>" in response.content.decode()
    assert not CannedReply.objects.filter(title="Новый").exists()
    with pytest.raises(ValidationError):
        CannedReply(title="Новый", text="{фио}").full_clean()


def test_the_page_of_a_reply_tells_the_words(client):
    client.force_login(StaffFactory(group="editor"))

    html = client.get(reverse("admin:requests_app_cannedreply_add")).content.decode()

    assert all(f"<code>{{{word}}}</code>" in html for word in placeholders.KNOWN)


def test_an_unknown_service_and_a_second_title_are_refused(client):
    client.force_login(StaffFactory(group="editor"))
    data = {"title": CannedReply.objects.first().title, "text": "Да.", "for_services": ["weather"]}

    errors = client.post(reverse("admin:requests_app_cannedreply_add"), data).context["adminform"].form.errors

    assert set(errors) == {"title", "for_services"}


def test_a_new_installation_has_useful_ones():
    operator = StaffFactory(group="operator")

    for service in SERVICES:
        assert CannedReply.objects.for_service(service.slug).count() >= 2, service.slug
    for reply in CannedReply.objects.all():
        reply.full_clean()
    offered = replies.offered(ServiceRequestFactory(), by=operator)
    assert all("{" not in reply.text or reply.warning for reply in offered)


# -- Offered and inserted -------------------------------------------------------------------------------------------


def test_replies_are_offered_for_their_services(client, operator):
    make_reply("Всем.", title="Всем")
    make_reply("Для жалоб.", "complaint", title="Жалобам")
    make_reply("Для справок.", "inquiry", "complaint", title="Справкам")
    make_reply("Старый.", title="Старый", is_active=False)
    inquiry_request = ServiceRequestFactory(status=Status.IN_PROGRESS)

    def titles(service_request):
        return {reply.title for reply in replies.offered(service_request, by=operator)} & {
            "Всем",
            "Жалобам",
            "Справкам",
            "Старый",
        }

    assert titles(inquiry_request) == {"Всем", "Справкам"}
    assert titles(submitted(complaint.SERVICE)) == {"Всем", "Жалобам", "Справкам"}


@pytest.mark.parametrize(("page", "field"), [("answer", "comment"), ("ask", "comment"), ("message", "body")])
def test_a_chosen_reply_goes_behind_what_was_typed(client, operator, page, field):
    service_request = ServiceRequestFactory(status=Status.IN_PROGRESS)
    reply = make_reply("Ответ по заявке № {номер}.")
    data = {field: "Добрый день!\r\n", "measures_done": "Проверили.", "insert_reply": "1", "reply": reply.pk}

    response = client.post(at(service_request, page), data)

    assert response.context["form"][field].value() == f"Добрый день!\n\nОтвет по заявке № {service_request.number}."
    if page == "answer":
        assert response.context["form"]["measures_done"].value() == "Проверили."
    assert not response.context["form"].errors
    assert "Вставлен готовый ответ" in warnings(response)
    assert not Message.objects.exists()


def test_files_that_were_chosen_stay_when_a_reply_is_inserted(client, operator):
    service_request = ServiceRequestFactory(status=Status.IN_PROGRESS)
    data = {"insert_reply": "1", "reply": make_reply("Да.").pk, "files": [upload("Схема.pdf")]}

    html = client.post(at(service_request), data).content.decode()

    assert "Схема.pdf" in html
    key = re.search(r'name="submission_key" value="([^"]+)"', html)[1]
    client.post(at(service_request), {"comment": "Да.", "category": "appeal_other", "submission_key": key})
    assert service_request.messages.get().attachments.get().original_name == "Схема.pdf"


@pytest.mark.parametrize("chosen", ["", "999999", "abc", "\0", "９", "of another service"])
def test_without_a_choice_the_text_stays(client, operator, chosen):
    service_request = ServiceRequestFactory(status=Status.IN_PROGRESS)
    if chosen == "of another service":
        chosen = make_reply("Для опросов.", "survey").pk

    response = client.post(at(service_request), {"comment": "Начало", "insert_reply": "1", "reply": chosen})

    assert response.context["form"]["comment"].value() == "Начало"
    assert "Выберите готовый ответ" in warnings(response)


def test_a_gap_is_told_and_is_not_sent(client, operator):
    service_request = ServiceRequestFactory(status=Status.IN_PROGRESS, contract_number="")
    reply = make_reply("По договору {договор} всё верно.")

    told = client.post(at(service_request), {"insert_reply": "1", "reply": reply.pk})
    text = told.context["form"]["comment"].value()
    refused = client.post(at(service_request), {"comment": text, "category": "appeal_other"})

    assert "нет значения для {договор}" in warnings(told)
    assert refused.context["form"].errors["comment"].as_data()[0].code == "gap"
    assert not Message.objects.exists()
    client.post(at(service_request), {"comment": text.replace("{договор}", "114"), "category": "appeal_other"})
    assert service_request.messages.get().body == "По договору 114 всё верно."


def test_other_braces_are_the_writers_own(client, operator):
    service_request = ServiceRequestFactory(status=Status.IN_PROGRESS)

    client.post(at(service_request, "message"), {"body": "Формула {x}, {НДС}."})
    refused = client.post(at(service_request, "message"), {"body": "Заявка {номер}."})

    assert service_request.messages.get().body == "Формула {x}, {НДС}."
    assert refused.context["form"].errors["body"].as_data()[0].code == "gap"


def test_notes_are_offered_no_replies(client, operator):
    service_request = ServiceRequestFactory(status=Status.IN_PROGRESS)

    assert 'name="reply"' not in client.get(at(service_request, "note")).content.decode()
    assert 'name="reply"' in client.get(at(service_request, "message")).content.decode()


def test_the_page_itself_has_the_answer_box(client, operator):
    """The text of each reply stands there already filled in, so that a script need ask nobody."""
    service_request = ServiceRequestFactory(status=Status.IN_PROGRESS)
    make_reply('Заявка № {номер}: "да" <b>.')

    html = client.get(reverse(CHANGE, args=[service_request.pk])).content.decode()

    assert f'action="{at(service_request)}"' in html
    assert f'data-text="Заявка № {service_request.number}: &quot;да&quot; &lt;b&gt;."' in html


def test_replies_cost_one_query(operator, django_assert_num_queries):
    service_request = ServiceRequestFactory()
    for number in range(20):
        make_reply("Да.", "inquiry", title=f"Проба {number}")

    with django_assert_num_queries(1):
        replies.offered(service_request, by=operator)

"""Several requests answered at once: each as if alone, none twice, and nobody learns of the others."""

import re
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.storage import storages
from django.db import connection
from django.http import QueryDict
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.datastructures import MultiValueDict
from post_office.models import Email

from requests_app import actions
from requests_app.admin.group_answer import GroupAnswerForm
from requests_app.codes import Category, Outcome
from requests_app.lifecycle import Status
from requests_app.models import (
    Attachment,
    Audience,
    GroupAnswer,
    Message,
    MessageKind,
    ServiceRequest,
)
from requests_app.services import complaint, document_copies, inquiry
from tests.factories import ConsumerFactory, MessageFactory, ServiceRequestFactory, StaffFactory, submitted
from tests.files import upload
from tests.on_behalf import written_down

pytestmark = pytest.mark.django_db

LIST = reverse("admin:requests_app_servicerequest_changelist")
TOGETHER = reverse("admin:requests_app_servicerequest_together")
ANSWER = "Отключение 24 ноября устранено в 18:40, причина — повреждение кабеля."


@pytest.fixture
def operator(client):
    operator = StaffFactory(group="operator", name="Марина Олеговна, оператор")
    client.force_login(operator)
    return operator


def in_progress(count, **given):
    return [ServiceRequestFactory(status=Status.IN_PROGRESS, **given) for _ in range(count)]


def page_for(service_requests):
    return f"{TOGETHER}?{'&'.join(f'pk={service_request.pk}' for service_request in service_requests)}"


def answers(service_requests, **given):
    keys = [service_request.pk for service_request in service_requests]
    return {"requests": keys, "comment": ANSWER, "submission_key": uuid.uuid4(), **given}


def send(client, service_requests, **given):
    return client.post(page_for(service_requests), answers(service_requests, **given), follow=True)


def form_for(service_requests, *, by, files=(), **given):
    data = QueryDict(mutable=True)
    for name, value in answers(service_requests, **given).items():
        data.setlist(name, value if isinstance(value, list) else [value])
    form = GroupAnswerForm(data, MultiValueDict({"files": list(files)}), owner=by, chosen=list(service_requests))
    assert form.is_valid(), form.errors.as_json()
    return form


def answer(service_requests, form, *, by):
    return actions.answer_together(service_requests, form=form, seen_at=form.cleaned_data["seen_at"], by=by)


def refreshed(service_requests):
    keys = [service_request.pk for service_request in service_requests]
    return list(ServiceRequest.objects.filter(pk__in=keys).order_by("pk"))


# -- From the list to the page --------------------------------------------------------------------------------------


def test_the_list_leads_to_the_page_with_what_is_ticked(client, operator):
    chosen = in_progress(3)
    other = ServiceRequestFactory(status=Status.IN_PROGRESS)
    ticked = [service_request.pk for service_request in chosen]

    response = client.post(LIST, {"action": "answer_together", "_selected_action": ticked}, follow=True)

    html = response.content.decode()
    assert response.redirect_chain[-1][0] == page_for(chosen)
    assert all(f'value="{key}" id="id_requests_{place}" checked' in html for place, key in enumerate(ticked))
    assert other.number not in html


def test_the_way_back_leads_to_the_list_as_it_was_narrowed(client, operator):
    chosen = in_progress(2)
    ticked = [service_request.pk for service_request in chosen]

    page = client.post(
        f"{LIST}?view=open&service=inquiry", {"action": "answer_together", "_selected_action": ticked}, follow=True
    )
    done = client.post(page.redirect_chain[-1][0], answers(chosen), follow=True)

    assert page.context["back"] == done.context["back"] == f"{LIST}?view=open&service=inquiry"


def test_more_than_may_be_are_told(client, operator, monkeypatch):
    monkeypatch.setattr(actions, "MOST_TOGETHER", 2)
    chosen = in_progress(3)
    ticked = [service_request.pk for service_request in chosen]

    response = client.post(LIST, {"action": "answer_together", "_selected_action": ticked}, follow=True)

    assert "не\N{NO-BREAK SPACE}больше чем на\N{NO-BREAK SPACE}2 заявок" in response.content.decode()
    assert client.get(page_for(chosen)).status_code == 404
    assert client.get(page_for(chosen[:2])).status_code == 200


@pytest.mark.parametrize("query", ["", "?pk=", "?pk=abc", "?pk=-1", "?pk=٣", "?pk=%00", f"?pk={'9' * 40}", "?pk=1e3"])
def test_without_requests_the_page_leads_back_to_the_list(client, operator, query):
    assert client.get(f"{TOGETHER}{query}").url == LIST


def test_what_cannot_be_answered_is_named_with_the_reason(client, operator):
    good = in_progress(1)[0]
    waiting = ServiceRequestFactory(status=Status.AWAITING_CONSUMER)
    answered = ServiceRequestFactory(status=Status.ANSWERED)
    of_another_life = submitted(document_copies.SERVICE)

    page = client.get(page_for([good, waiting, answered, of_another_life]))

    reasons = {line.service_request.pk: line.why_not for line in page.context["left_out"]}
    assert [line.service_request for line in page.context["lines"]] == [good]
    assert reasons == {
        waiting.pk: "статус «Ждём заявителя»",
        answered.pk: "статус «Ответ дан»",
        of_another_life.pk: "у\N{NO-BREAK SPACE}этой услуги свой порядок: отвечайте на\N{NO-BREAK SPACE}странице заявки",
    }
    assert "статус «Ждём заявителя»" in page.content.decode()


def test_what_one_may_not_know_of_is_not_named(client, operator):
    """A violation report is not for operators, whatever the address says."""
    report = ServiceRequestFactory(status=Status.IN_PROGRESS)
    ServiceRequest.objects.filter(pk=report.pk).update(service="violation-report")
    good = in_progress(1)[0]

    page = client.get(page_for([report, good]))
    sent = send(client, [report, good])

    assert report.number not in page.content.decode()
    assert sent.context["form"].errors["requests"]
    assert not Message.objects.exists()


# -- Answered together ----------------------------------------------------------------------------------------------


def test_each_has_its_own_answer_history_letter_and_codes(client, operator):
    chosen = [*in_progress(2), ServiceRequestFactory(applicant_email="third@example.org")]
    late = chosen[0]
    ServiceRequest.objects.filter(pk=late.pk).update(due_on=timezone.localdate() - timedelta(days=1))

    response = send(client, chosen, measures_done="Кабель заменён", measures_planned="Обход трассы")

    group = GroupAnswer.objects.get()
    assert response.redirect_chain[-1][0] == reverse("admin:requests_app_servicerequest_answered", args=[group.pk])
    for service_request in refreshed(chosen):
        assert service_request.status == Status.ANSWERED
        assert service_request.messages.get().body == ANSWER
        assert service_request.messages.get().kind == MessageKind.ANSWER
        assert service_request.measures_done == "Кабель заменён"
        assert service_request.measures_planned == "Обход трассы"
        assert service_request.category == Category(service_request.category)
        assert service_request.status_changes.filter(transition="answer").count() == 1
        assert service_request.outcome == (Outcome.LATE if service_request == late else Outcome.IN_TIME)
    letters = Email.objects.all()
    assert len(letters) == 3
    assert {number for letter in letters for number in [letter.subject.split()[2].rstrip(":")]} == {
        service_request.number for service_request in chosen
    }
    for letter in letters:
        others = [one.number for one in chosen if one.number not in letter.subject]
        assert not any(number in letter.message + letter.html_message for number in others)
        assert ANSWER not in letter.message


def test_who_has_no_cabinet_is_named_with_the_way_to_answer(client, operator):
    chosen = [*in_progress(1), written_down(by=operator)]
    by_hand = "Кабинета нет, передайте ответ сами: по телефону, 8 (928) 123-45-67"

    page = client.get(page_for(chosen))
    answered = send(client, chosen)

    for response in (page, answered):
        assert response.content.decode().count("Кабинета нет") == 1
        assert by_hand in re.sub("</?span[^>]*>", "", response.content.decode())
    assert "передайте ответ сами" in page.context["form"]["comment"].help_text
    assert "сами" not in client.get(page_for(in_progress(2))).content.decode()


def test_a_new_request_is_taken_on_the_way(client, operator):
    service_request = ServiceRequestFactory()

    send(client, [service_request])

    service_request.refresh_from_db()
    assert service_request.assignee == operator
    assert [change.transition for change in service_request.status_changes.all()] == ["", "take", "answer"]
    assert "ответ готов" in Email.objects.get().subject


@pytest.mark.parametrize(("category", "all_the_same"), [("", False), (Category.COMPLAINT_ENERGY, True)])
def test_the_category_is_kept_or_one_for_all(client, operator, category, all_the_same):
    chosen = [submitted(inquiry.SERVICE), submitted(complaint.SERVICE)]
    before = [service_request.category for service_request in chosen]

    send(client, chosen, category=category)

    after = [service_request.category for service_request in refreshed(chosen)]
    assert after == ([category] * 2 if all_the_same else before)
    assert len(set(before)) == 2


def test_what_is_unticked_stays_as_it_was(client, operator):
    first, second = in_progress(2)

    client.post(page_for([first, second]), answers([first]))

    assert [service_request.status for service_request in refreshed([first, second])] == [
        Status.ANSWERED,
        Status.IN_PROGRESS,
    ]


def test_each_consumer_may_download_the_own_file_alone(client, operator):
    chosen = [ServiceRequestFactory(status=Status.IN_PROGRESS, owner=ConsumerFactory(agreed=True).user) for _ in "ab"]

    send(client, chosen, files=[upload("Акт.pdf")])

    first, second = (service_request.attachments.get() for service_request in refreshed(chosen))
    assert first.file.name != second.file.name
    assert first.sha256 == second.sha256
    consumer = Client()
    consumer.force_login(chosen[0].owner)
    own, of_other = (consumer.get(attachment.get_absolute_url()) for attachment in (first, second))
    assert b"".join(own).startswith(b"%PDF")
    assert (own.status_code, of_other.status_code) == (200, 404)


def test_the_consumer_sees_nothing_of_the_others(client, operator):
    first, second = (
        ServiceRequestFactory(status=Status.IN_PROGRESS, owner=ConsumerFactory(agreed=True).user) for _ in "ab"
    )
    send(client, [first, second])
    consumer = Client()
    consumer.force_login(first.owner)

    html = consumer.get(first.get_absolute_url()).content.decode()

    assert ANSWER in html
    assert second.number not in html
    assert "вместе" not in html


def test_the_page_of_each_leads_to_the_others(client, operator):
    chosen = in_progress(3)
    send(client, chosen)
    group = reverse("admin:requests_app_servicerequest_answered", args=[GroupAnswer.objects.get().pk])

    pages = [
        client.get(reverse("admin:requests_app_servicerequest_change", args=[one.pk])).content.decode()
        for one in chosen
    ]
    html = client.get(group).content.decode()

    for page in pages:
        assert group in page
        assert "Отвечено вместе с&nbsp;2\N{NO-BREAK SPACE}другими заявками" in page
    assert all(service_request.number in html for service_request in chosen)
    assert ANSWER in html
    assert "Марина Олеговна, оператор" in html


# -- Bad input ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("bad", "field"),
    [
        ({"comment": ""}, "comment"),
        ({"comment": "а" * 4001}, "comment"),
        ({"comment": "a\0b"}, "comment"),
        ({"comment": "{имя}, отключение устранено."}, "comment"),
        ({"requests": []}, "requests"),
        ({"requests": ["abc"]}, "requests"),
        ({"requests": ["٣"]}, "requests"),
        ({"requests": ["9" * 40]}, "requests"),
        ({"category": "nonsense"}, "category"),
        ({"measures_done": "Звоните +7 918 555-12-34"}, "measures_done"),
        ({"seen_at": "вчера"}, "seen_at"),
    ],
)
def test_what_is_wrong_is_told_by_its_field_and_nothing_is_lost(client, operator, bad, field):
    chosen = in_progress(2)

    response = client.post(page_for(chosen), answers(chosen, **{"measures_planned": "Обход", **bad}))

    assert response.status_code == 200
    assert list(response.context["form"].errors) == [field]
    assert "Обход" in response.content.decode()
    assert not Message.objects.exists()


def test_files_of_a_refused_form_are_kept_and_reach_each(client, operator):
    chosen = in_progress(2)
    key = uuid.uuid4()
    client.post(page_for(chosen), answers(chosen, comment="", submission_key=key, files=[upload("Акт.pdf")]))

    client.post(page_for(chosen), answers(chosen, submission_key=key))

    assert [service_request.attachments.get().original_name for service_request in chosen] == ["Акт.pdf"] * 2
    assert not Attachment.objects.filter(draft_key__isnull=False).exists()


def test_files_that_would_be_stored_too_often_are_refused(client, operator, monkeypatch):
    chosen = in_progress(2)
    size = upload("Акт.pdf").size
    monkeypatch.setattr(actions, "MOST_STORED", 2 * size - 1)

    response = client.post(page_for(chosen), answers(chosen, files=[upload("Акт.pdf")]))

    assert response.context["form"].errors["files"].as_data()[0].code == "too_large_together"
    assert not Message.objects.exists()


@pytest.mark.parametrize("method", ["put", "delete", "patch"])
def test_other_methods_are_refused(client, operator, method):
    assert getattr(client, method)(page_for(in_progress(1))).status_code == 405


@pytest.mark.parametrize("group", ["dpo", "editor", None])
def test_only_who_processes_requests_answers(client, group):
    chosen = in_progress(2)
    staff = StaffFactory(group=group) if group else StaffFactory()
    client.force_login(staff)

    assert client.post(page_for(chosen), answers(chosen)).status_code == 403
    with pytest.raises(PermissionDenied):
        answer(chosen, form_for(chosen, by=staff), by=staff)
    assert not Message.objects.exists()


def test_a_stranger_is_led_to_the_login(client):
    assert "/login/" in client.get(page_for(in_progress(1))).url


def test_a_group_of_unknown_requests_is_not_there(client, operator):
    report = submitted(complaint.SERVICE)
    ServiceRequest.objects.filter(pk=report.pk).update(service="violation-report")
    group = GroupAnswer.objects.create(by=StaffFactory())
    group.parts.create(service_request=report)

    assert client.get(reverse("admin:requests_app_servicerequest_answered", args=[group.pk])).status_code == 404
    assert client.get(reverse("admin:requests_app_servicerequest_answered", args=[10**18])).status_code == 404


# -- Changed meanwhile, twice, in the middle ------------------------------------------------------------------------


def test_what_was_changed_meanwhile_is_skipped_and_told(client, operator):
    fine, answered, written = in_progress(3)
    page = client.get(page_for([fine, answered, written]))
    seen_at = page.context["form"]["seen_at"].value()
    colleague = StaffFactory(group="operator")
    one = form_for([answered], by=colleague, comment="Ответ коллеги.")
    answer([answered], one, by=colleague)
    MessageFactory(service_request=written)

    response = send(client, [fine, answered, written], seen_at=seen_at)

    html = response.content.decode()
    assert f"№ {answered.number} пропущена: статус «Ответ дан»." in html
    assert f"№ {written.number} пропущена: пока вы писали, в\N{NO-BREAK SPACE}заявке появилось сообщение." in html
    assert answered.messages.get().body == "Ответ коллеги."
    assert written.messages.filter(audience=Audience.CONSUMER, kind=MessageKind.ANSWER).count() == 0
    assert GroupAnswer.objects.get(by=operator).parts.get().service_request == fine


def test_a_step_taken_meanwhile_is_seen_too(client, operator):
    service_request = ServiceRequestFactory()
    seen_at = timezone.now() - timedelta(minutes=1)
    actions.transition(service_request, "take", by=operator)

    response = send(client, [service_request], seen_at=seen_at.isoformat())

    assert "пока вы писали, заявку изменили" in response.content.decode()
    assert ANSWER in response.content.decode()  # what was typed waits for another try
    assert not Message.objects.exists()
    assert not GroupAnswer.objects.exists()


def test_after_a_look_at_what_has_changed_it_can_be_sent(client, operator):
    service_request = ServiceRequestFactory()
    seen_at = timezone.now() - timedelta(minutes=1)
    actions.transition(service_request, "take", by=operator)
    refused = send(client, [service_request], seen_at=seen_at.isoformat())

    send(client, [service_request], seen_at=refused.context["form"]["seen_at"].value())

    assert service_request.messages.get().body == ANSWER


@pytest.mark.parametrize("seen_at", ["0001-01-01 00:00", "9999-12-31 23:59"])
def test_a_moment_at_the_edge_of_the_calendar_breaks_nothing(client, operator, seen_at):
    """What has happened to the request by now was not seen at either of them: the first says so, the second is now."""
    chosen = in_progress(1)
    MessageFactory(service_request=chosen[0])

    response = client.post(page_for(chosen), answers(chosen, seen_at=seen_at))

    assert response.status_code == (200 if seen_at < "2000" else 302)


def test_sent_twice_it_is_answered_once(client, operator):
    chosen = in_progress(3)
    data = answers(chosen, files=[upload("Акт.pdf")])

    first = client.post(page_for(chosen), data)
    data["files"] = [upload("Акт.pdf")]
    second = client.post(page_for(chosen), data)

    assert first.url == second.url
    assert Message.objects.count() == Email.objects.count() == Attachment.objects.count() == 3
    assert GroupAnswer.objects.get().parts.count() == 3


def test_after_a_power_cut_the_rest_is_answered(operator, monkeypatch):
    chosen = in_progress(4)
    key = uuid.uuid4()
    usual, answered = actions.group_answer.transition, []

    def dies_at_the_third(*args, **kwargs):
        if len(answered) == 2:
            raise KeyboardInterrupt
        answered.append(usual(*args, **kwargs))

    monkeypatch.setattr("requests_app.actions.group_answer.transition", dies_at_the_third)
    with pytest.raises(KeyboardInterrupt):
        answer(chosen, form_for(chosen, by=operator, submission_key=key, files=[upload()]), by=operator)
    half = [service_request.status for service_request in refreshed(chosen)]
    monkeypatch.setattr("requests_app.actions.group_answer.transition", usual)

    done = answer(chosen, form_for(chosen, by=operator, submission_key=key, files=[upload()]), by=operator)

    assert half == [Status.ANSWERED] * 2 + [Status.IN_PROGRESS] * 2
    assert done.answered == chosen
    assert {service_request.status for service_request in refreshed(chosen)} == {Status.ANSWERED}
    assert Message.objects.count() == Email.objects.count() == Attachment.objects.count() == 4
    assert done.group.parts.count() == 4


def test_a_full_disk_is_told_and_those_answered_stay(client, operator, monkeypatch):
    chosen = in_progress(2)
    storage = storages["private"]
    usual, saved = storage.save, []

    def fills_up(*args, **kwargs):
        if saved:
            raise OSError("no space left")
        saved.append(usual(*args, **kwargs))
        return saved[-1]

    monkeypatch.setattr(storage, "save", fills_up)
    response = client.post(page_for(chosen), answers(chosen, files=[upload("Акт.pdf")]))

    assert "На сервере нет места" in response.content.decode()
    assert ANSWER in response.content.decode()
    assert sorted(service_request.status for service_request in refreshed(chosen)) == [
        Status.ANSWERED,
        Status.IN_PROGRESS,
    ]
    assert GroupAnswer.objects.get().parts.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_double_click_in_the_same_moment_answers_each_once():
    operator = StaffFactory(group="operator")
    chosen = in_progress(3)
    key = uuid.uuid4()
    forms = [form_for(chosen, by=operator, submission_key=key, files=[upload()]) for _ in range(4)]

    def click(form):
        try:
            return len(answer(chosen, form, by=operator).answered)
        finally:
            connection.close()

    with ThreadPoolExecutor(len(forms)) as pool:
        counts = list(pool.map(click, forms))

    assert counts == [3] * 4
    assert Message.objects.count() == Email.objects.count() == Attachment.objects.count() == 3
    assert GroupAnswer.objects.get().parts.count() == 3


@pytest.mark.django_db(transaction=True)
def test_of_two_colleagues_in_the_same_moment_each_request_has_one_answer():
    operators = [StaffFactory(group="operator") for _ in range(3)]
    chosen = in_progress(4)
    forms = [(form_for(chosen, by=operator), operator) for operator in operators]

    def send_all(pair):
        form, by = pair
        try:
            return len(answer(chosen, form, by=by).answered)
        finally:
            connection.close()

    with ThreadPoolExecutor(len(forms)) as pool:
        counts = list(pool.map(send_all, forms))

    assert sum(counts) == 4
    assert Message.objects.count() == Email.objects.count() == 4


def test_a_group_is_append_only():
    group = GroupAnswer.objects.create(by=StaffFactory())

    with pytest.raises(ValidationError) as caught:
        group.save()

    assert caught.value.code == "append_only"


@pytest.mark.parametrize("rows", [1, 10])
def test_the_cost_of_the_page_does_not_grow(client, operator, rows, django_assert_num_queries):
    chosen = in_progress(rows, owner=ConsumerFactory().user)
    client.get(page_for(chosen))

    with django_assert_num_queries(5):  # session, user, two of permissions, the requests
        client.get(page_for(chosen))


@pytest.mark.parametrize("rows", [1, 10])
def test_the_cost_of_the_page_of_a_group_does_not_grow(client, operator, rows, django_assert_num_queries):
    chosen = in_progress(rows, owner=ConsumerFactory().user)
    send(client, chosen)
    address = reverse("admin:requests_app_servicerequest_answered", args=[GroupAnswer.objects.get().pk])

    with django_assert_num_queries(8):  # the same, the group, its requests, their number, the answer
        client.get(address)

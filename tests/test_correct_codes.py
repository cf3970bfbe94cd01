"""The codes of an appeal that has ended are corrected: by whom, when, what is kept of it and what the tables then say."""

import io
from datetime import datetime

import openpyxl
import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse
from post_office.models import Email

from requests_app import actions, services
from requests_app.codes import Category, Outcome
from requests_app.lifecycle import FINAL_STATUSES, Status
from requests_app.models import Message, ServiceRequest
from requests_app.reading_windows import MOSCOW
from requests_app.services import violation_report
from requests_app.services.base import CannotBeSent
from tests.factories import ServiceRequestFactory, StaffFactory, said, submitted

pytestmark = pytest.mark.django_db

REASON = "Жалоба на качество, а не вопрос об учёте"
CODES = {
    "category": Category.COMPLAINT_ENERGY,
    "measures_done": "Проведены замеры.",
    "measures_planned": "Замена трансформатора в марте.",
}


@pytest.fixture
def supervisor(client):
    supervisor = StaffFactory(group="supervisor", name="Ольга Викторовна, начальник")
    client.force_login(supervisor)
    return supervisor


def ended(status=Status.CLOSED, **values):
    known = {"category": Category.APPEAL_METERING, "measures_done": "Дан ответ", "measures_planned": "Не требуются"}
    return ServiceRequestFactory(**{"status": status, **known, **values})


def reported(status=Status.CLOSED, **answers):
    """A report of a violation that has ended: its check asks for no measures."""
    report = submitted(violation_report.SERVICE, **answers)
    now = report.submitted_at
    values = {"status": status, "closed_at": now, "answered_at": now, "outcome": Outcome.IN_TIME}
    ServiceRequest.objects.filter(pk=report.pk).update(**values)
    report.refresh_from_db()
    return report


def correct(service_request, *, by, reason=REASON, **codes):
    actions.correct_codes(service_request, **{**CODES, **codes}, reason=reason, by=by)


def page_of(service_request):
    return reverse("admin:requests_app_servicerequest_codes", args=[service_request.pk])


def desk_of(service_request):
    return reverse("admin:requests_app_servicerequest_change", args=[service_request.pk])


def html_of(response):
    return response.content.decode().replace("\N{NO-BREAK SPACE}", " ").replace("&nbsp;", " ")


def codes_of(service_request):
    service_request.refresh_from_db()
    return {name: getattr(service_request, name) for name in CODES}


# -- The action -----------------------------------------------------------------------------------------------------


def test_what_was_and_what_became_is_told_to_staff_once(supervisor):
    service_request = ended(measures_planned="")

    for _ in range(2):
        correct(service_request, by=supervisor)

    assert codes_of(service_request) == CODES
    note = Message.objects.get()
    assert note.author == supervisor
    assert note.body.replace("\N{NO-BREAK SPACE}", " ").split("\n") == [
        "Исправлены коды для отчёта регулятору.",
        f"Категория: было «{Category.APPEAL_METERING.label}», стало «{Category.COMPLAINT_ENERGY.label}».",
        "Выполненные мероприятия: было «Дан ответ», стало «Проведены замеры.».",
        "Планируемые мероприятия: было пусто, стало «Замена трансформатора в марте.».",
        f"Причина: {REASON}",
    ]


def test_codes_that_stay_are_not_told(supervisor):
    service_request = ended()

    correct(service_request, measures_done="Дан ответ", measures_planned="Не требуются", by=supervisor)

    assert "мероприятия" not in Message.objects.get().body


def test_nothing_to_correct_is_told(supervisor):
    service_request = ended(**CODES)
    actions.write_note(service_request, form=said(f"Проверено.\nПричина: {REASON}!", by=supervisor), by=supervisor)

    with pytest.raises(CannotBeSent) as refusal:
        correct(service_request, by=supervisor)

    assert refusal.value.field == "category"
    assert Message.objects.count() == 1


@pytest.mark.parametrize("status", FINAL_STATUSES)
@pytest.mark.parametrize("late", [True, False])
def test_the_outcome_stays(supervisor, status, late):
    outcome = Outcome.NO_ANSWER
    if status == Status.CLOSED:
        outcome = Outcome.LATE if late else Outcome.IN_TIME
    service_request = ended(status, outcome=outcome)

    correct(service_request, by=supervisor)

    service_request.refresh_from_db()
    assert (service_request.category, service_request.outcome) == (Category.COMPLAINT_ENERGY, outcome)


@pytest.mark.parametrize("status", [status for status in Status if status not in FINAL_STATUSES])
def test_codes_of_what_has_not_ended_are_left_to_its_steps(client, supervisor, status):
    service_request = ended(status)

    with pytest.raises(actions.TransitionNotAllowed):
        correct(service_request, by=supervisor)
    sent = client.post(page_of(service_request), {**CODES, "reason": REASON})

    assert "Исправить можно только коды завершённой заявки." in html_of(sent)
    assert REASON in html_of(sent)
    assert "Сейчас этого сделать нельзя" in html_of(client.get(page_of(service_request)))
    assert page_of(service_request) not in html_of(client.get(desk_of(service_request)))
    assert codes_of(service_request)["category"] == Category.APPEAL_METERING


@pytest.mark.parametrize("group", ["operator", "inspector", "dpo", "editor", None])
def test_only_supervisors_correct(client, group):
    service_request, by = ended(), StaffFactory(group=group)
    client.force_login(by)

    with pytest.raises(actions.TransitionNotAllowed):
        correct(service_request, by=by)

    assert client.post(page_of(service_request), {**CODES, "reason": REASON}).status_code == 403
    assert page_of(service_request) not in html_of(client.get(desk_of(service_request)))
    assert codes_of(service_request)["category"] == Category.APPEAL_METERING


def test_who_may_not_know_of_it_does_not_find_it(client):
    by = StaffFactory(group="operator")
    by.user_permissions.add(Permission.objects.get(codename="correct_codes_servicerequest"))
    client.force_login(by)
    report = reported()

    assert client.get(page_of(ended())).status_code == 200
    assert client.get(page_of(report)).status_code == 404
    with pytest.raises(actions.TransitionNotAllowed):
        correct(report, by=by)


NOT_COUNTED = [service for service in services.SERVICES if not service.counts_as_appeal]


@pytest.mark.parametrize("service", NOT_COUNTED, ids=lambda service: service.slug)
def test_what_is_no_appeal_has_no_codes_to_correct(client, supervisor, service):
    service_request = submitted(service)
    ServiceRequest.objects.filter(pk=service_request.pk).update(
        status=Status.WITHDRAWN,
        closed_at=service_request.submitted_at,
        answered_at=None,
        outcome=Outcome.NO_ANSWER,
    )
    service_request.refresh_from_db()

    assert client.get(page_of(service_request)).status_code == 404
    with pytest.raises(actions.TransitionNotAllowed):
        correct(service_request, by=supervisor)


# -- The page -------------------------------------------------------------------------------------------------------


def test_it_is_corrected_on_a_page_of_its_own(client, supervisor):
    service_request = ended()

    assert page_of(service_request) in html_of(client.get(desk_of(service_request)))
    shown = client.get(page_of(service_request))
    response = client.post(page_of(service_request), {**CODES, "reason": REASON}, follow=True)

    form = shown.context["form"]
    assert {name: form[name].value() for name in CODES} == {
        "category": Category.APPEAL_METERING,
        "measures_done": "Дан ответ",
        "measures_planned": "Не требуются",
    }
    assert "outcome" not in form.fields
    assert "скачайте и отправьте снова" in html_of(shown)
    assert response.redirect_chain == [(desk_of(service_request), 302)]
    assert "Коды исправлены." in html_of(response)
    note = response.context["timeline"].entries[-1]
    assert (note.mark, note.who) == ("message message-note", supervisor.name)
    assert f"Причина: {REASON}" in html_of(response)
    assert codes_of(service_request) == CODES


def test_the_consumer_learns_nothing_of_it(client, supervisor):
    service_request = ended()
    consumer = Client()
    consumer.force_login(service_request.owner)
    before = consumer.get(service_request.get_absolute_url())

    client.post(page_of(service_request), {**CODES, "reason": REASON})

    after = html_of(consumer.get(service_request.get_absolute_url()))
    assert codes_of(service_request) == CODES
    assert not Email.objects.exists()
    assert before.status_code == 200
    for told in ("Исправлены коды", REASON, *CODES.values()):
        assert str(told) not in after


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("category", ""),
        ("category", "complaint_weather"),
        ("measures_done", "Позвонили по 8 918 123-45-67"),
        ("measures_planned", "Напишем на ivanova@example.org"),
        ("measures_done", "а" * 2001),
        ("measures_planned", "Замена\x00"),
        ("reason", ""),
        ("reason", "Надо"),
        ("reason", "   Надо      "),
        ("reason", "а" * 301),
        ("reason", "Ошиблись\x00 категорией"),
    ],
)
def test_bad_input_is_told_by_its_field_and_stays(client, supervisor, field, value):
    service_request = ended()
    sent = {**CODES, "reason": REASON, field: value}

    response = client.post(page_of(service_request), sent)

    form = response.context["form"]
    assert response.status_code == 200
    assert list(form.errors) == [field]
    assert {name: form[name].value() for name in sent} == sent
    assert codes_of(service_request)["category"] == Category.APPEAL_METERING
    assert not Message.objects.exists()


def test_missing_fields_are_told(client, supervisor):
    assert set(client.post(page_of(ended())).context["form"].errors) == {"category", "reason"}


@pytest.mark.parametrize(
    ("status", "done"), [(Status.CLOSED, "Дан ответ"), (Status.REFUSED, "Направлен отказ с обоснованием")]
)
def test_measures_left_empty_get_the_usual_words_of_the_step(client, supervisor, status, done):
    service_request = ended(status)
    sent = {**CODES, "measures_done": "", "measures_planned": "", "reason": REASON}

    client.post(page_of(service_request), sent)

    found = codes_of(service_request)
    assert found["measures_done"].replace("\N{NO-BREAK SPACE}", " ") == done
    assert found["measures_planned"] == "Не требуются"


@pytest.mark.parametrize("make", [lambda: ended(Status.WITHDRAWN), reported, lambda: reported(reporter="anonymous")])
def test_where_no_measures_are_asked_for_the_category_alone_is_corrected(client, supervisor, make):
    service_request = make()
    known = codes_of(service_request)

    fields = list(client.get(page_of(service_request)).context["form"].fields)
    client.post(page_of(service_request), {**CODES, "reason": REASON})

    assert fields == ["category", "reason"]
    assert codes_of(service_request) == {**known, "category": Category.COMPLAINT_ENERGY}


def test_another_correction_meanwhile_is_shown_first(client, supervisor):
    service_request = ended()
    seen = str(client.get(page_of(service_request)).context["timeline"].seen)
    correct(service_request, category=Category.COMPLAINT_SERVICE, by=StaffFactory(group="supervisor", name="Пётр"))
    sent = {**CODES, "reason": REASON}

    response = client.post(page_of(service_request), {**sent, "seen": seen})

    assert codes_of(service_request)["category"] == Category.COMPLAINT_SERVICE
    assert [entry.who for entry in response.context["news"]] == ["Пётр"]
    assert response.context["form"]["reason"].value() == REASON
    client.post(page_of(service_request), {**sent, "seen": str(response.context["timeline"].seen)})
    assert codes_of(service_request) == CODES


def test_wrong_methods_are_refused(client, supervisor):
    assert client.put(page_of(ended())).status_code == 405


def test_a_stranger_is_led_to_log_in(client):
    assert "/login/" in client.post(page_of(ended()), {**CODES, "reason": REASON}).url


@pytest.mark.parametrize("notes", [1, 10])
def test_the_page_costs_the_same(client, supervisor, notes, django_assert_max_num_queries):
    service_request = ended()
    for number in range(notes):
        correct(service_request, measures_done=f"Замер {number}", by=supervisor)

    with django_assert_max_num_queries(17):
        client.get(page_of(service_request))


# -- The regulator's tables -----------------------------------------------------------------------------------------


def test_the_tables_show_the_new_codes(client, supervisor):
    service_request = ended(submitted_at=datetime(2025, 5, 5, tzinfo=MOSCOW), outcome=Outcome.LATE)
    before = line_of_table(client)

    client.post(page_of(service_request), {**CODES, "reason": REASON})

    after = line_of_table(client)
    assert [place for place in range(10, 30) if before[place - 1]] == [12, 28]
    assert [place for place in range(10, 30) if after[place - 1]] == [17, 28]
    assert after[29:31] == [CODES["measures_done"], CODES["measures_planned"]]


def test_an_anonymous_report_keeps_its_marks_alone(client, supervisor):
    report = reported(reporter="anonymous")
    assert report.is_anonymous
    ServiceRequest.objects.filter(pk=report.pk).update(submitted_at=datetime(2025, 5, 5, tzinfo=MOSCOW))

    client.post(page_of(report), {**CODES, "reason": REASON})

    line = line_of_table(client)
    assert [place for place in range(10, 32) if line[place - 1]] == [17, 27]


def line_of_table(client):
    """The only line of table 4.9."""
    days = {"first": "2025-01-01", "last": "2025-12-31"}
    response = client.get(reverse("admin:requests_app_reportrun_file", args=["4.9"]), days)
    sheet = openpyxl.load_workbook(io.BytesIO(b"".join(response))).active
    [line] = sheet.iter_rows(min_row=3, values_only=True)
    return list(line)

"""The day of the answer is moved: by whom, how far, and what the consumer reads of it."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.db import connection
from django.urls import reverse
from post_office.models import Email

from requests_app import actions
from requests_app.codes import Outcome
from requests_app.lifecycle import OPEN_STATUSES, Status
from requests_app.models import CalendarDay, ServiceRequest, TermExtension
from requests_app.services import appointment, meter_readings, survey, violation_report
from requests_app.services.base import CannotBeSent
from tests.factories import ServiceRequestFactory, StaffFactory, step_form, submitted
from tests.on_behalf import written_down

pytestmark = pytest.mark.django_db

DUE, LATER = date(2026, 12, 9), date(2026, 12, 16)
REASON = "Ждём акт осмотра от сетевого участка"
WITHOUT_PROMISE = [appointment.SERVICE, meter_readings.SERVICE, survey.SERVICE, violation_report.SERVICE]


@pytest.fixture(autouse=True)
def _today():
    with time_machine.travel("2026-11-24T09:00:00Z", tick=False):
        yield


@pytest.fixture
def supervisor():
    return StaffFactory(group="supervisor", name="Ольга Викторовна, начальник")


def waiting(**values):
    return ServiceRequestFactory(**{"status": Status.IN_PROGRESS, "due_on": DUE, **values})


def extend(service_request, until=LATER, *, by, reason=REASON):
    return actions.extend_term(service_request, until=until, reason=reason, by=by)


def html_of(response):
    return response.content.decode().replace("\N{NO-BREAK SPACE}", " ").replace("&nbsp;", " ")


def page_of(service_request):
    return reverse("admin:requests_app_servicerequest_extend", args=[service_request.pk])


# -- The action -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", OPEN_STATUSES)
def test_the_day_is_moved_and_the_consumer_is_told_once(supervisor, status):
    service_request = waiting(status=status)

    for _ in range(2):
        extend(service_request, by=supervisor)

    service_request.refresh_from_db()
    row = TermExtension.objects.get()
    assert (service_request.due_on, row.from_day, row.until, row.reason, row.by) == (
        LATER,
        DUE,
        LATER,
        REASON,
        supervisor,
    )
    letter = Email.objects.get()
    assert letter.to == [service_request.owner.email]
    assert letter.subject == f"Заявка № {service_request.number}: срок ответа продлён"
    assert service_request.get_absolute_url() in letter.message
    assert "акт осмотра" not in letter.message + letter.html_message


@pytest.mark.parametrize(
    ("due_on", "until"),
    [
        (DUE, DUE),
        (DUE, DUE - timedelta(days=1)),
        (date(2026, 11, 20), date(2026, 11, 24)),  # later than the term, but today
        (DUE, date(2026, 12, 12)),  # Saturday
        (date(2026, 12, 14), date(2027, 1, 14)),  # one day too far
        (DUE, date.max),
    ],
)
def test_a_day_that_cannot_be_is_refused(supervisor, due_on, until):
    service_request = waiting(due_on=due_on)

    with pytest.raises(CannotBeSent) as refusal:
        extend(service_request, until, by=supervisor)

    assert refusal.value.field == "until"
    service_request.refresh_from_db()
    assert service_request.due_on == due_on
    assert not TermExtension.objects.exists()
    assert not Email.objects.exists()


def test_the_last_day_that_can_be(supervisor):
    assert extend(waiting(due_on=date(2026, 12, 14)), date(2027, 1, 13), by=supervisor).due_on == date(2027, 1, 13)


@pytest.mark.parametrize(
    ("due_on", "again", "outcome"),
    [
        (date(2026, 11, 24), False, Outcome.IN_TIME),  # on its last day
        (date(2026, 11, 23), False, Outcome.LATE),
        (date(2026, 11, 23), True, Outcome.LATE),
    ],
)
def test_an_extension_of_a_term_that_is_over_does_not_make_the_answer_one_in_time(supervisor, due_on, again, outcome):
    service_request = extend(waiting(due_on=due_on), date(2026, 12, 1), by=supervisor)
    if again:
        extend(service_request, date(2026, 12, 2), by=supervisor)

    answered = actions.transition(service_request, "answer", by=supervisor, form=step_form("answer", by=supervisor))

    assert answered.outcome == outcome


def test_a_late_extension_says_nothing_of_the_term_after_a_disagreement(supervisor):
    service_request = extend(waiting(due_on=date(2026, 11, 23)), by=supervisor)
    actions.transition(service_request, "answer", by=supervisor, form=step_form("answer", by=supervisor))
    owner = service_request.owner
    actions.transition(service_request, "dispute", by=owner, form=step_form("dispute", by=owner))

    answered = actions.transition(service_request, "answer", by=supervisor, form=step_form("answer", by=supervisor))

    assert answered.outcome == Outcome.IN_TIME


@pytest.mark.parametrize(("due_on", "is_said"), [(date(2026, 11, 23), True), (date(2026, 11, 24), False)])
def test_the_page_says_that_the_term_is_over(client, supervisor, due_on, is_said):
    client.force_login(supervisor)

    html = html_of(client.get(page_of(waiting(due_on=due_on))))

    assert ("Срок уже прошёл." in html) == is_said


def test_who_has_no_cabinet_is_told_by_hand(client, supervisor):
    client.force_login(supervisor)

    page = client.get(page_of(written_down(by=supervisor)))

    assert "передайте текст сами" in page.context["form"]["reason"].help_text


def test_our_own_day_off_is_none_to_promise(supervisor):
    CalendarDay.objects.create(date=LATER, is_working=False)

    with pytest.raises(CannotBeSent):
        extend(waiting(), by=supervisor)


def test_several_extensions_go_no_further_than_one(supervisor):
    service_request = waiting()
    extend(service_request, by=supervisor)

    with pytest.raises(CannotBeSent):
        extend(service_request, date(2027, 1, 15), by=supervisor)  # 30 days past the second day


def test_a_disagreement_begins_a_term_without_extensions(client, supervisor):
    service_request = waiting()
    extend(service_request, by=supervisor)
    owner = service_request.owner
    actions.transition(service_request, "answer", by=supervisor, form=step_form("answer", by=supervisor))
    again = actions.transition(service_request, "dispute", by=owner, form=step_form("dispute", by=owner))
    client.force_login(owner)

    assert again.due_on == DUE  # 15 days from today
    assert client.get(service_request.get_absolute_url()).context["due"].extension == ""
    assert extend(service_request, date(2026, 12, 30), by=supervisor).due_on == date(2026, 12, 30)


@pytest.mark.parametrize("reason", ["", "Надо", "   Надо      ", "а" * 301])
def test_a_reason_is_needed(supervisor, reason):
    with pytest.raises(ValidationError):
        extend(waiting(), by=supervisor, reason=reason)

    assert ServiceRequest.objects.get().due_on == DUE


@pytest.mark.parametrize("status", [status for status in Status if status not in OPEN_STATUSES])
def test_a_term_that_does_not_run_is_not_extended(supervisor, status):
    with pytest.raises(actions.TransitionNotAllowed):
        extend(waiting(status=status), by=supervisor)


@pytest.mark.parametrize("group", ["operator", "dpo", "editor", None])
def test_only_supervisors_extend(group):
    with pytest.raises(actions.TransitionNotAllowed):
        extend(waiting(), by=StaffFactory(group=group))


@pytest.mark.parametrize("service", WITHOUT_PROMISE, ids=lambda service: service.slug)
def test_where_no_day_is_promised_there_is_none_to_move(client, service):
    service_request = submitted(service)
    by = StaffFactory(is_superuser=True)
    client.force_login(by)

    with pytest.raises(actions.TransitionNotAllowed):
        extend(service_request, date(2027, 1, 13), by=by)
    assert client.get(page_of(service_request)).status_code == 404


def test_the_row_is_not_changed_afterwards(supervisor):
    extend(waiting(), by=supervisor)
    row = TermExtension.objects.get()

    with pytest.raises(ValidationError):
        row.save()


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_two_at_once_move_it_one_after_the_other(supervisor):
    service_request, other = waiting(), StaffFactory(group="supervisor")
    days = [(LATER, supervisor), (LATER + timedelta(days=1), other)]

    def move(day_and_who):
        try:
            extend(service_request, day_and_who[0], by=day_and_who[1])
        except CannotBeSent:
            return "refused"
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(move, days))

    service_request.refresh_from_db()
    rows = list(service_request.extensions.all())
    assert service_request.due_on == rows[-1].until == LATER + timedelta(days=1)
    assert [row.from_day for row in rows] == [DUE, *(row.until for row in rows[:-1])]


# -- The consumer's pages -------------------------------------------------------------------------------------------


def test_the_consumer_reads_the_day_and_the_reason(client, supervisor):
    service_request = waiting()
    extend(service_request, by=supervisor)
    client.force_login(service_request.owner)

    html = html_of(client.get(service_request.get_absolute_url()))

    assert '<time datetime="2026-12-16">16 декабря</time>' in html
    assert f"Срок продлён, был до 9 декабря. Причина: {REASON}." in html
    assert f"Срок ответа продлён до 16 декабря. Причина: {REASON}" in html
    assert html.count("под номером") == 1
    assert supervisor.name not in html


def test_the_receipt_keeps_the_first_day(client, supervisor):
    service_request = waiting()
    extend(service_request, by=supervisor)
    extend(service_request, date(2026, 12, 18), by=supervisor)
    client.force_login(service_request.owner)

    html = html_of(client.get(reverse("requests:receipt", args=[service_request.number])))

    assert "<dt>Ответим до</dt><dd>9 декабря 2026, среда</dd>" in html


def test_what_staff_typed_is_text(client, supervisor):
    service_request = waiting()
    extend(service_request, by=supervisor, reason="<b>Ждём</b> {{ акт }}")
    client.force_login(service_request.owner)

    html = html_of(client.get(service_request.get_absolute_url()))

    assert html.count("&lt;b&gt;Ждём&lt;/b&gt; {{ акт }}") == 2


@pytest.mark.parametrize("extensions", [1, 10])
def test_the_page_costs_the_same(client, supervisor, extensions, django_assert_max_num_queries):
    service_request = waiting()
    for number in range(extensions):
        day = DUE + timedelta(days=number)
        row = {"from_day": day, "until": day + timedelta(days=1), "reason": REASON, "by": supervisor, "disputes": 0}
        service_request.extensions.create(**row)
    client.force_login(service_request.owner)

    with django_assert_max_num_queries(9):
        client.get(service_request.get_absolute_url())


# -- The desk -------------------------------------------------------------------------------------------------------


def test_it_is_extended_on_a_page_of_its_own(client, supervisor):
    service_request = waiting()
    client.force_login(supervisor)
    desk = reverse("admin:requests_app_servicerequest_change", args=[service_request.pk])

    assert page_of(service_request) in html_of(client.get(desk))
    assert 'name="reason"' in html_of(client.get(page_of(service_request)))
    response = client.post(page_of(service_request), {"until": "2026-12-16", "reason": REASON}, follow=True)

    assert response.redirect_chain == [(desk, 302)]
    assert "Срок продлён." in html_of(response)
    assert f"Причина: {REASON}, {supervisor.name}" in html_of(response)
    assert ServiceRequest.objects.get().due_on == LATER


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("until", ""),
        ("until", "завтра"),
        ("until", "99999-99-99"),
        ("until", "9999-12-31"),
        ("until", "0001-01-01"),
        ("until", "2026-12-09"),
        ("until", "2026-12-12"),
        ("until", "2026\x00"),
        ("reason", ""),
        ("reason", "Надо"),
        ("reason", "Ждём акт\x00 осмотра"),
        ("reason", "а" * 301),
    ],
)
def test_bad_input_is_told_by_its_field_and_stays(client, supervisor, field, value):
    service_request = waiting()
    client.force_login(supervisor)
    sent = {"until": "2026-12-16", "reason": REASON, field: value}

    response = client.post(page_of(service_request), sent)

    assert response.status_code == 200
    assert list(response.context["form"].errors) == [field]
    assert response.context["form"]["reason"].value() == sent["reason"]
    assert not TermExtension.objects.exists()


def test_a_request_answered_meanwhile_is_told(client, supervisor):
    service_request = waiting(status=Status.ANSWERED)
    client.force_login(supervisor)

    shown = html_of(client.get(page_of(service_request)))
    response = client.post(page_of(service_request), {"until": "2026-12-16", "reason": REASON})

    assert "Сейчас этого сделать нельзя" in shown
    assert "Срок этой заявки сейчас продлить нельзя." in html_of(response)
    assert REASON in html_of(response)


def test_an_operator_sees_no_button(client):
    service_request = waiting()
    client.force_login(StaffFactory(group="operator"))
    desk = reverse("admin:requests_app_servicerequest_change", args=[service_request.pk])

    assert page_of(service_request) not in html_of(client.get(desk))


def test_wrong_methods_are_refused(client, supervisor):
    client.force_login(supervisor)

    assert client.put(page_of(waiting())).status_code == 405

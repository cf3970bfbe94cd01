"""The consumer says how good an answer was."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.urls import reverse
from django.utils import timezone
from post_office.models import Email

from requests_app import actions
from requests_app.lifecycle import Status
from requests_app.models import AnswerGrade
from requests_app.services import SERVICES
from tests.factories import PASSWORD, ConsumerFactory, StaffFactory, step_form, submitted
from tests.quality import answer, answered, at, graded

pytestmark = pytest.mark.django_db

PROMISING = {"inquiry", "consultation", "complaint", "document-copies", "invoice"}


@pytest.fixture
def owner():
    return ConsumerFactory(agreed=True).user


@pytest.fixture
def service_request(owner):
    return answered(owner=owner)


@pytest.fixture
def consumer(client, owner):
    client.force_login(owner)
    return client


def address(service_request):
    return reverse("requests:grade", args=[service_request.number])


def dispute(service_request):
    form = step_form("dispute", by=service_request.owner)
    return actions.transition(service_request, "dispute", by=service_request.owner, form=form)


# -- The page -------------------------------------------------------------------------------------------------------


def test_the_page_asks_for_a_grade_under_the_answer(consumer, service_request):
    html = consumer.get(service_request.get_absolute_url()).content.decode()

    assert html.index('id="answer"') < html.index('id="grade"') < html.index('id="next"')
    assert html.count('name="grade"') == 5
    for words in ("очень плохо", "плохо", "удовлетворительно", "хорошо", "отлично"):
        assert words in html


def test_a_grade_is_kept_and_shown(consumer, service_request):
    response = consumer.post(address(service_request), {"grade": "2", "grade_comment": "Ответ не о том."}, follow=True)

    row = AnswerGrade.objects.get()
    assert response.redirect_chain == [(service_request.get_absolute_url(), 302)]
    assert (row.grade, row.comment, row.answer) == (2, "Ответ не о том.", service_request.status_changes.last())
    html = response.content.decode()
    assert "Ваша оценка ответа" in html
    assert "Ответ не о том." in html
    assert "оценка сохранена" in html


def test_a_grade_is_changed_while_the_answer_may_be_disputed(consumer, service_request):
    for grade in ("1", "4"):
        consumer.post(address(service_request), {"grade": grade, "grade_comment": ""})

    assert AnswerGrade.objects.get().grade == 4


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({}, "grade"),
        ({"grade": ""}, "grade"),
        ({"grade": "0"}, "grade"),
        ({"grade": "6"}, "grade"),
        ({"grade": "4.5"}, "grade"),
        ({"grade": "٤"}, "grade"),
        ({"grade": "9" * 400}, "grade"),
        ({"grade": "5", "grade_comment": "щ" * 1001}, "grade_comment"),
        ({"grade": "5", "grade_comment": "нет\x00нет"}, "grade_comment"),
    ],
)
def test_bad_input_is_said_by_its_field_and_nothing_typed_is_lost(consumer, service_request, typed, field):
    response = consumer.post(address(service_request), {"grade_comment": "Долго ждал", **typed})

    form = response.context["grading"]["form"]
    assert response.status_code == 200
    assert list(form.errors) == [field]
    assert form["grade_comment"].value() == typed.get("grade_comment", "Долго ждал")
    assert not AnswerGrade.objects.exists()


def test_opening_the_address_grades_nothing(consumer, service_request):
    response = consumer.get(address(service_request), {"grade": "1"})

    assert response.url == service_request.get_absolute_url()
    assert not AnswerGrade.objects.exists()


def test_a_stranger_grades_nothing_and_learns_nothing(client, service_request):
    client.force_login(ConsumerFactory(agreed=True).user)

    assert client.post(address(service_request), {"grade": "1"}).status_code == 404
    assert not AnswerGrade.objects.exists()


def test_a_grade_sent_after_the_session_ended_is_kept_through_the_login(consumer, client, owner, service_request):
    page = service_request.get_absolute_url()
    mark = consumer.get(page).context["mark"]
    client.session.delete()  # as when it is too old: the cookie is still there
    typed = {"grade": "2", "grade_comment": "Долго ждал", "given_to": mark}

    to_login = client.post(address(service_request), typed)
    client.get(reverse("accounts:consent"))
    client.post(reverse("accounts:login"), {"username": owner.email, "password": PASSWORD, "next": page})
    form = client.get(page).context["grading"]["form"]

    assert to_login.url == f"{reverse('accounts:login')}?next={page}"
    assert (form["grade"].value(), form["grade_comment"].value()) == ("2", "Долго ждал")
    assert not AnswerGrade.objects.exists()


@pytest.mark.parametrize("method", ["put", "delete", "patch"])
def test_other_methods_are_refused(consumer, service_request, method):
    assert getattr(consumer, method)(address(service_request)).status_code == 405


@pytest.mark.parametrize(
    "service", [each for each in SERVICES if each.slug not in PROMISING], ids=lambda each: each.slug
)
def test_where_no_answer_is_promised_there_is_nothing_to_grade(consumer, owner, service):
    service_request = submitted(service, owner=owner)

    assert consumer.post(address(service_request), {"grade": "5"}).status_code == 404
    assert 'id="grade"' not in consumer.get(service_request.get_absolute_url()).content.decode()


def test_the_services_that_promise_an_answer_are_those():
    assert {each.slug for each in SERVICES if each.life.promises_answer} == PROMISING


@pytest.mark.parametrize("status", [Status.REGISTERED, Status.IN_PROGRESS])
def test_before_the_answer_there_is_nothing_to_grade(consumer, owner, status):
    service_request = submitted(SERVICES[0], owner=owner)
    if status == Status.IN_PROGRESS:
        actions.transition(service_request, "take", by=StaffFactory(group="operator"))

    html = consumer.get(service_request.get_absolute_url()).content.decode()
    response = consumer.post(address(service_request), {"grade": "5", "grade_comment": "Рано оценил"})

    assert 'id="grade"' not in html
    assert "Рано оценил" in response.content.decode()
    assert "оценить нельзя" in response.content.decode()
    assert not AnswerGrade.objects.exists()


def test_the_letter_of_the_answer_leads_to_the_page_and_not_to_a_grade(service_request):
    letters = Email.objects.filter(to=service_request.owner.email)
    letter = letters.get(subject__contains="ответ готов")
    text = letter.message + letter.html_message

    assert "оценить ответ" in text
    assert service_request.get_absolute_url() in text
    assert "/grade/" not in text
    assert not any("оценить" in other.message for other in letters.exclude(pk=letter.pk))


# -- Which answer, until when ---------------------------------------------------------------------------------------


def test_a_closed_request_is_graded_too(consumer, service_request):
    actions.transition(service_request, "accept", by=service_request.owner)

    consumer.post(address(service_request), {"grade": "5", "grade_comment": ""})

    assert AnswerGrade.objects.get().grade == 5


def test_the_answer_after_a_dispute_has_a_grade_of_its_own(consumer, service_request):
    operator = StaffFactory(group="operator")
    consumer.post(address(service_request), {"grade": "1", "grade_comment": ""})
    dispute(service_request)

    refused = consumer.post(address(service_request), {"grade": "5", "grade_comment": ""})
    answer(service_request, by=operator)
    page = consumer.get(service_request.get_absolute_url())
    consumer.post(address(service_request), {"grade": "4", "grade_comment": ""})

    assert "оценить нельзя" in refused.content.decode()
    assert page.context["grading"]["given"] is None
    grades = AnswerGrade.objects.order_by("pk")
    assert [(row.grade, row.answer.by == operator) for row in grades] == [(1, False), (4, True)]


def test_after_thirty_working_days_the_grade_stays_as_it_is(owner, client):
    with at(2026, 3, 2, 12):
        service_request = graded(3, owner=owner)
        last_day = actions.grade_until(service_request)

    with time_machine.travel(timezone.now().replace(year=2026, month=last_day.month, day=last_day.day, hour=9)):
        assert actions.may_grade(service_request)
    with at(last_day.year, last_day.month, last_day.day + 1, 9):
        client.force_login(owner)
        page = client.get(service_request.get_absolute_url())
        response = client.post(address(service_request), {"grade": "1", "grade_comment": ""})

    assert page.context["grading"]["form"] is None
    assert "Ваша оценка ответа" in page.content.decode()
    assert "срок оценки прошёл" in response.content.decode()
    assert AnswerGrade.objects.get().grade == 3


# -- The action -----------------------------------------------------------------------------------------------------


def test_only_the_consumer_grades(service_request):
    for by in (StaffFactory(is_superuser=True), StaffFactory(group="operator"), ConsumerFactory().user):
        with pytest.raises(PermissionDenied):
            actions.grade_answer(service_request, grade=5, comment="", by=by)


def test_the_same_grade_sent_again_keeps_its_time(service_request):
    first = actions.grade_answer(service_request, grade=2, comment="Нет", by=service_request.owner)

    with time_machine.travel(timezone.now() + timedelta(hours=1)):
        again = actions.grade_answer(service_request, grade=2, comment="Нет", by=service_request.owner)
        changed = actions.grade_answer(service_request, grade=1, comment="Нет", by=service_request.owner)

    assert again.graded_at == first.graded_at
    assert changed.graded_at > first.graded_at


@pytest.mark.django_db(transaction=True)
def test_grades_in_the_same_moment_are_one_row():
    service_request = answered()

    def grade(value):
        try:
            return actions.grade_answer(service_request, grade=value, comment="", by=service_request.owner).grade
        finally:
            connection.close()

    with ThreadPoolExecutor(5) as pool:
        given = list(pool.map(grade, range(1, 6)))

    assert sorted(given) == [1, 2, 3, 4, 5]
    assert AnswerGrade.objects.count() == 1


@pytest.mark.parametrize("answers", [1, 4])
def test_the_page_asks_no_more_of_the_database_for_more_answers(
    consumer, service_request, answers, django_assert_num_queries
):
    for _ in range(answers - 1):
        consumer.post(address(service_request), {"grade": "2", "grade_comment": ""})
        dispute(service_request)
        answer(service_request, by=StaffFactory(group="operator"))
    consumer.post(address(service_request), {"grade": "2", "grade_comment": ""})

    with django_assert_num_queries(10):
        consumer.get(service_request.get_absolute_url())

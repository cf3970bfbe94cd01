"""Grades on the desk: the list, the figures of some days, the line in the digest of supervisors."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone
from post_office.models import Email

from accounts.models import User
from requests_app import actions, quality
from requests_app.models import AnswerGrade, AnswerReview, AnswerSample, Repetition
from requests_app.reminders import terms
from requests_app.reports.period import Period
from requests_app.services import complaint
from tests.factories import StaffFactory, submitted
from tests.quality import INQUIRY, at, graded, moscow

pytestmark = pytest.mark.django_db

LIST = reverse("admin:requests_app_answergrade_changelist")
PAGE = reverse("admin:requests_app_answergrade_quality")
NOWHERE = {"object_address": "", "contract_number": ""}  # those of the example are one place
YES = {"to_the_point": True, "is_clear": False, "in_time": True, "is_polite": True, "mark": 4, "comment": ""}


@pytest.fixture
def supervisor():
    return StaffFactory(group="supervisor", name="Андрей Викторович")


@pytest.fixture
def marina():
    return StaffFactory(group="operator", name="Марина Олеговна")


@pytest.fixture
def scene(marina, supervisor):
    """November: inquiries of two colleagues, a complaint, a repeated inquiry, one reading."""
    other = StaffFactory(group="operator", name="Борис Ильич")
    with at(2026, 11, 18, 12):
        owner = graded(5, by=marina, topic="metering", question="Когда заменят счётчик?").owner
        graded(2, "Не о том", by=marina, **NOWHERE)
        graded(4, by=other, service=complaint.SERVICE)
    with at(2026, 11, 24, 12):
        sample = actions.choose_answers(now=moscow(2026, 11, 24, 3))
        actions.review_answer(sample.reviews.get(answer__grade__grade=5), values=YES, by=supervisor)
        submitted(INQUIRY, owner=owner, topic="metering", question="Всё ещё старый.")
        graded(1, by=other, **NOWHERE)


NOVEMBER = Period(date(2026, 11, 1), date(2026, 11, 30))


def lines(found):
    return {
        line.label: (line.grades.count, line.grades.average, line.grades.low, line.reviews.read, line.repeated)
        for line in found
    }


def test_figures_by_service_and_by_who_answered(scene, supervisor):
    assert lines(quality.by_service(NOVEMBER, by=supervisor)) == {
        "Справка": (3, Decimal("2.7"), 2, 1, 1),
        "Жалоба": (1, Decimal("4.0"), 0, 0, 0),
    }
    assert lines(quality.by_colleague(NOVEMBER, by=supervisor)) == {
        "Борис Ильич": (2, Decimal("2.5"), 1, 0, 0),
        "Марина Олеговна": (2, Decimal("3.5"), 1, 1, 1),
    }


def test_figures_together_and_by_week(scene, supervisor):
    grades, reviews = quality.grades(NOVEMBER, by=supervisor), quality.reviews(NOVEMBER, by=supervisor)
    weeks = quality.by_week(Period(date(2026, 11, 10), date(2026, 11, 24)), by=supervisor)

    assert (grades.count, grades.average, grades.low, grades.share(5)) == (4, Decimal("3.0"), 2, 25)
    assert (reviews.chosen, reviews.read, reviews.unread, reviews.average) == (3, 1, 2, Decimal("4.0"))
    assert [share for _, _, share in reviews.criteria()] == [100, 0, 100, 100]
    assert {monday.day: each.count for monday, each in weeks.items()} == {9: 0, 16: 3, 23: 1}


@pytest.mark.parametrize("days", [(date(2026, 10, 1), date(2026, 11, 17)), (date(2026, 11, 25), date(2026, 11, 30))])
def test_other_days_have_nothing(scene, supervisor, days):
    period = Period(*days)

    assert quality.grades(period, by=supervisor).average is None
    assert quality.repeated_in(period, by=supervisor).count() == 0


def test_a_repetition_that_was_taken_back_is_not_counted(scene, supervisor):
    again = Repetition.objects.get().service_request
    actions.transition(again, "withdraw", by=again.owner)

    assert quality.repeated_in(NOVEMBER, by=supervisor).count() == 0


def test_who_may_not_know_of_a_service_has_no_figures_of_it(scene):
    inspector = StaffFactory(group="dpo")

    assert quality.grades(NOVEMBER, by=inspector).count == 0
    assert quality.by_service(NOVEMBER, by=inspector) == quality.by_colleague(NOVEMBER, by=inspector) == []


def test_the_page_has_every_figure_as_a_number_beside_its_bar(client, scene, supervisor):
    client.force_login(supervisor)

    html = client.get(PAGE, {"first": "2026-11-01", "last": "2026-11-24"}).content.decode()

    assert html.count('class="bar"') == 5 + 2 + 2 + 5 + 4
    for words in (
        "Марина Олеговна",
        "Борис Ильич",
        "Справка",
        "Жалоба",
        "16.11–22.11.2026",
        "4\N{NO-BREAK SPACE}оценки",
    ):
        assert words in html
    assert "Самойлов" not in html


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"first": "ноябрь"}, "first"),
        ({"last": ""}, "last"),
        ({"first": "2026-11-20", "last": "2026-11-01"}, "last"),
        ({"last": "9999-12-31"}, "last"),
        ({"first": "0001-01-01"}, "first"),
    ],
)
def test_bad_days_are_said_by_their_field(client, supervisor, typed, field):
    client.force_login(supervisor)

    response = client.get(PAGE, {"first": "2026-01-01", "last": "2026-01-31", **typed})

    assert field in response.context["form"].errors
    assert "tables" not in response.context


def test_the_page_is_only_looked_at(client, supervisor):
    client.force_login(supervisor)

    assert client.post(PAGE).status_code == 405


@pytest.mark.parametrize("count", [1, 8])
def test_cost_of_the_page_does_not_grow(client, supervisor, count, django_assert_num_queries):
    for _ in range(count):
        graded(3)
    client.force_login(supervisor)

    with django_assert_num_queries(15):
        client.get(PAGE)


# -- The list of grades ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("chosen", "rows"),
    [
        ({}, 4),
        ({"grade": "low"}, 2),
        ({"grade": "5"}, 1),
        ({"grade": "9"}, 4),
        ({"service": "complaint"}, 1),
        ({"service": "nothing"}, 4),
        ({"by": "marina"}, 2),
        ({"by": "x"}, 4),
        ({"weeks": "1"}, 1),
        ({"weeks": "4"}, 4),
        ({"weeks": "99999"}, 4),
    ],
)
def test_the_list_is_narrowed(client, scene, supervisor, marina, chosen, rows):
    with at(2026, 11, 25, 10):
        client.force_login(supervisor)
        chosen = {name: str(marina.pk) if value == "marina" else value for name, value in chosen.items()}

        assert client.get(LIST, chosen).context["cl"].result_count == rows


def test_other_lookups_are_refused(client, supervisor):
    client.force_login(supervisor)

    assert client.get(LIST, {"answer__by__password__startswith": "a"}).status_code == 400


@pytest.mark.parametrize("count", [1, 8])
def test_cost_of_the_list_does_not_grow(client, supervisor, count, django_assert_num_queries):
    for _ in range(count):
        graded(3)
    client.force_login(supervisor)

    with django_assert_num_queries(7):  # session, user, two of permissions, colleagues, count, rows
        client.get(LIST)


def test_the_desk_shows_the_grade_with_the_request(client, marina):
    service_request = graded(2, "Ответ не о том, <b>что</b> спросил", by=marina)
    client.force_login(StaffFactory(group="operator"))

    address = reverse("admin:requests_app_servicerequest_change", args=[service_request.pk])
    html = client.get(address).content.decode()

    assert 'data-grade="low">2, плохо' in html
    assert "Ответ не о том, &lt;b&gt;что&lt;/b&gt; спросил" in html


# -- The digest -----------------------------------------------------------------------------------------------------


def digest(supervisor, *moment):
    now = moscow(*moment)
    with at(*moment):
        terms.write_digest(supervisor.pk, now)
        letters = Email.objects.filter(to=supervisor.email, subject__contains="Сроки")
        return letters.filter(created__gte=now).order_by("-pk").first()


def test_supervisors_are_told_of_low_grades_once(supervisor):
    with at(2026, 11, 20, 18):
        graded(1)
        graded(2)
        graded(3)
        for service_request in [row.answer.service_request for row in AnswerGrade.objects.all()]:
            actions.transition(service_request, "accept", by=service_request.owner)

    monday, tuesday = digest(supervisor, 2026, 11, 23, 10), digest(supervisor, 2026, 11, 24, 10)

    assert "Новых низких оценок ответов: 2" in monday.message
    assert "Новых низких оценок ответов: 2" in monday.html_message
    assert f"{LIST}?grade=low" in monday.message
    assert tuesday is None


# -- The demo -------------------------------------------------------------------------------------------------------


def test_the_demo_fills_each_of_these_screens(client):
    call_command("demo", "--force", verbosity=0)
    first = (AnswerGrade.objects.count(), AnswerReview.objects.count(), AnswerSample.objects.count())
    call_command("demo", "--force", verbosity=0)

    supervisor = User.objects.get(email="supervisor@example.org")
    today = timezone.localdate()
    period = Period(today - timedelta(days=80), today)
    assert (AnswerGrade.objects.count(), AnswerReview.objects.count(), AnswerSample.objects.count()) == first
    assert first[0] >= 4
    assert quality.grades(period, by=supervisor).low >= 1
    assert AnswerReview.objects.read().count() == 2
    assert AnswerReview.objects.unread().exists()
    assert Repetition.objects.exclude(answered_by=None).exists()

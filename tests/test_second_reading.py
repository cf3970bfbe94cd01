"""Answers are drawn by chance once a week and read by somebody else than their author."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import call_command
from django.db import connection
from django.urls import reverse

from requests_app import actions
from requests_app.models import AnswerReview, AnswerSample, QualityRule
from requests_app.services import violation_report
from tests.factories import ServiceRequestFactory, StaffFactory, step_form, submitted
from tests.quality import answer, answered, at, moscow

pytestmark = pytest.mark.django_db

YES = {"to_the_point": True, "is_clear": True, "in_time": True, "is_polite": True, "mark": 5, "comment": ""}
TYPED = {
    "to_the_point": "yes",
    "is_clear": "no",
    "in_time": "yes",
    "is_polite": "yes",
    "mark": "4",
    "comment": "Сложно.",
}
NEXT_WEEK = moscow(2026, 11, 24, 3)


@pytest.fixture
def operator():
    return StaffFactory(group="operator")


@pytest.fixture
def supervisor():
    return StaffFactory(group="supervisor", name="Андрей Викторович, руководитель")


def answers_of_a_week(count, *, by):
    """Given on Wednesday, 18 November; made directly, so that many are cheap."""
    for service_request in ServiceRequestFactory.create_batch(count):
        service_request.status_changes.create(
            transition="answer", from_status="in_progress", to_status="answered", by=by, at=moscow(2026, 11, 18, 12)
        )


def drawn(*, by, count=1):
    answers_of_a_week(count, by=by)
    return actions.choose_answers(now=NEXT_WEEK)


# -- The sample -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answers", "size"), [(0, 0), (1, 1), (5, 5), (6, 5), (100, 5), (101, 6), (400, 20), (1000, 50), (5000, 50)]
)
def test_five_per_cent_but_five_at_least_and_fifty_at_most(answers, size):
    assert actions.sample_size(answers, QualityRule()) == size


def test_supervisors_set_the_numbers(client, supervisor):
    client.force_login(supervisor)
    address = reverse("admin:requests_app_qualityrule_change", args=[1])
    typed = {"sample_percent": "50", "sample_least": "1", "sample_most": "10", "repeat_days": "30"}

    refused = client.post(address, {**typed, "sample_least": "11"})
    client.post(address, typed)

    assert "Не\N{NO-BREAK SPACE}меньше, чем" in refused.content.decode()
    assert actions.sample_size(8, QualityRule.objects.get()) == 4


def test_a_week_is_drawn_once(operator):
    first = drawn(by=operator, count=12)
    chosen = set(first.reviews.values_list("answer", flat=True))

    assert actions.choose_answers(now=moscow(2026, 11, 29, 23, 59)) is None
    assert (first.week, first.answers, len(chosen)) == (date(2026, 11, 16), 12, 5)
    assert set(AnswerReview.objects.values_list("answer", flat=True)) == chosen
    assert actions.choose_answers(now=moscow(2026, 11, 30, 0)).week == date(2026, 11, 23)


def test_it_is_chance_that_draws(operator):
    """Of ten answers five are drawn, forty times: each comes up, and none always."""
    answers_of_a_week(10, by=operator)
    seen = Counter()
    for _ in range(40):
        seen.update(actions.choose_answers(now=NEXT_WEEK).reviews.values_list("answer", flat=True))
        AnswerSample.objects.all().delete()

    assert len(seen) == 10
    assert max(seen.values()) < 40


@pytest.mark.parametrize(
    ("moment", "is_of_week"),
    [
        (moscow(2026, 11, 15, 23, 59), False),
        (moscow(2026, 11, 16, 0), True),
        (moscow(2026, 11, 22, 23, 59), True),
        (moscow(2026, 11, 23, 0), False),
    ],
)
def test_weeks_are_those_of_moscow(operator, moment, is_of_week):
    ServiceRequestFactory().status_changes.create(
        transition="answer", from_status="in_progress", to_status="answered", by=operator, at=moment
    )

    assert actions.choose_answers(now=NEXT_WEEK).answers == is_of_week


def test_only_promised_answers_are_drawn(operator):
    with at(2026, 11, 18, 12):
        answered(by=operator)
        report = submitted(violation_report.SERVICE)
        inspector = StaffFactory(is_superuser=True)
        actions.transition(report, "take", by=inspector)

    sample = actions.choose_answers(now=NEXT_WEEK)

    assert sample.reviews.get().answer.service_request.service == "inquiry"


def test_the_command_says_what_it_did(operator, capsys):
    with at(2026, 11, 18, 12):
        answered(by=operator)
    with at(2026, 11, 24, 3):
        call_command("choose_answers")
        call_command("choose_answers")

    assert capsys.readouterr().out == "Week of 2026-11-16: 1 of 1\nChosen before\n"


@pytest.mark.django_db(transaction=True)
def test_two_servers_draw_one_sample():
    answers_of_a_week(12, by=StaffFactory(group="operator"))

    def choose(_):
        try:
            return actions.choose_answers(now=NEXT_WEEK)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        samples = [sample for sample in pool.map(choose, range(4)) if sample]

    assert len(samples) == AnswerSample.objects.count() == 1
    assert AnswerReview.objects.count() == 5


# -- Reading --------------------------------------------------------------------------------------------------------


@pytest.fixture
def review(operator):
    with at(2026, 11, 18, 12):
        answered(by=operator, question="Когда заменят счётчик на Портовой?")
    actions.choose_answers(now=NEXT_WEEK)
    return AnswerReview.objects.get()


def page(review):
    return reverse("admin:requests_app_answerreview_read", args=[review.pk])


def test_the_page_shows_question_and_answer(client, supervisor, review):
    client.force_login(supervisor)

    html = client.get(page(review)).content.decode()

    assert "Когда заменят счётчик на Портовой?" in html
    assert "Приедем в среду." in html
    assert 'name="in_time" value="yes"' in html
    assert client.get(page(review)).context["form"]["in_time"].value() == "yes"  # known without reading


def test_the_answer_of_before_a_dispute_is_the_one_that_is_read(client, operator, supervisor):
    with at(2026, 11, 18, 12):
        service_request = answered(by=operator)
    actions.choose_answers(now=NEXT_WEEK)
    owner = service_request.owner
    with at(2026, 11, 24, 12):
        actions.transition(service_request, "dispute", by=owner, form=step_form("dispute", by=owner, comment="Нет"))
        answer(service_request, by=operator)
        first = service_request.messages.filter(kind="answer").first()
        client.force_login(supervisor)

        assert client.get(page(AnswerReview.objects.get())).context["message"] == first


def test_a_reader_marks_and_may_correct(client, supervisor, review):
    client.force_login(supervisor)

    response = client.post(page(review), TYPED)
    client.post(page(review), {**TYPED, "mark": "3"})

    review.refresh_from_db()
    assert response.url == reverse("admin:requests_app_answerreview_changelist")
    assert (review.reader, review.mark, review.is_clear, review.comment) == (supervisor, 3, False, "Сложно.")
    assert client.get(page(review)).context["form"]["is_clear"].value() == "no"


def test_after_one_the_next_is_opened(client, supervisor, operator):
    drawn(by=operator, count=2)
    first, second = AnswerReview.objects.order_by("pk")
    client.force_login(supervisor)

    assert client.post(page(first), TYPED).url == page(second)


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"mark": ""}, "mark"),
        ({"mark": "6"}, "mark"),
        ({"mark": "٥"}, "mark"),
        ({"is_polite": ""}, "is_polite"),
        ({"is_polite": "maybe"}, "is_polite"),
        ({"comment": "щ" * 1001}, "comment"),
        ({"comment": "a\x00b"}, "comment"),
    ],
)
def test_bad_input_is_said_by_its_field(client, supervisor, review, typed, field):
    client.force_login(supervisor)

    response = client.post(page(review), {**TYPED, **typed})

    assert list(response.context["form"].errors) == [field]
    assert AnswerReview.objects.unread().count() == 1


def test_nobody_reads_an_own_answer(client, supervisor):
    with at(2026, 11, 18, 12):
        answered(by=supervisor)
    actions.choose_answers(now=NEXT_WEEK)
    review = AnswerReview.objects.get()
    client.force_login(supervisor)

    shown = client.get(page(review)).content.decode()
    client.post(page(review), TYPED)

    assert "Это ваш ответ" in shown
    assert 'name="mark"' not in shown
    assert AnswerReview.objects.unread().count() == 1


def test_what_another_has_read_stays(client, supervisor, review):
    actions.review_answer(review, values=YES, by=supervisor)
    client.force_login(StaffFactory(group="supervisor"))

    shown = client.get(page(review)).content.decode()
    response = client.post(page(review), TYPED)

    assert 'name="mark"' not in shown
    assert "уже прочитал другой" in response.content.decode()
    review.refresh_from_db()
    assert (review.reader, review.mark) == (supervisor, 5)


def test_operators_read_nothing(client, operator, review):
    other = StaffFactory(group="operator")
    client.force_login(other)

    assert client.get(page(review)).status_code == client.post(page(review), TYPED).status_code == 403
    with pytest.raises(PermissionDenied):
        actions.review_answer(review, values=YES, by=other)


def test_what_one_may_not_see_is_not_in_the_list_nor_read(client, supervisor, review, monkeypatch):
    client.force_login(supervisor)
    monkeypatch.setattr("requests_app.services.seen_by", lambda user: ["complaint"])

    listing = client.get(reverse("admin:requests_app_answerreview_changelist"))

    assert listing.context["cl"].result_count == 0
    assert client.get(page(review)).status_code == 404
    with pytest.raises(PermissionDenied):
        actions.review_answer(review, values=YES, by=supervisor)


@pytest.mark.parametrize(
    ("chosen", "rows"), [({}, 3), ({"read": "no"}, 2), ({"read": "yes"}, 1), ({"read": "mine"}, 1)]
)
def test_the_list_is_narrowed(client, supervisor, operator, chosen, rows):
    drawn(by=operator, count=3)
    actions.review_answer(AnswerReview.objects.first(), values=YES, by=supervisor)
    client.force_login(supervisor)

    listing = client.get(reverse("admin:requests_app_answerreview_changelist"), chosen)

    assert listing.context["cl"].result_count == rows


@pytest.mark.parametrize("rows", [1, 20])
def test_cost_of_the_list_does_not_grow(client, supervisor, operator, rows, django_assert_num_queries):
    QualityRule.objects.update(sample_least=20)
    drawn(by=operator, count=rows)
    client.force_login(supervisor)

    with django_assert_num_queries(7):  # session, user, two of permissions, colleagues, count, rows
        client.get(reverse("admin:requests_app_answerreview_changelist"))


@pytest.mark.django_db(transaction=True)
def test_of_two_readers_in_the_same_moment_one_marks():
    drawn(by=StaffFactory(group="operator"))
    readers = [StaffFactory(group="supervisor") for _ in range(4)]

    def mark(reader):
        try:
            return actions.review_answer(AnswerReview.objects.get(), values=YES, by=reader).reader
        except actions.TransitionNotAllowed:
            return None
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        done = [reader for reader in pool.map(mark, readers) if reader]

    assert done == [AnswerReview.objects.get().reader]

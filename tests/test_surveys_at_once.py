"""One consumer in two tabs, a hundred at once, staff who close or change a survey in the moment of an answer."""

import uuid
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection, transaction
from django.http import QueryDict
from django.test import Client
from post_office.models import Email

from requests_app import actions
from requests_app.models import ServiceRequest
from requests_app.services.base import CannotBeSent
from requests_app.services.survey.answers import Answer, Participation
from requests_app.services.survey.kinds import Kind
from requests_app.services.survey.models import Locked, Survey
from tests.factories import ConsumerFactory, StaffFactory
from tests.surveys import answered, answers, make_survey

pytestmark = pytest.mark.django_db(transaction=True)

REQUIRED = 4  # questions of a survey of every kind that have to be answered


def in_parallel(*works):
    """Run them in threads at the same moment, each with its own connection; what each returned or raised."""
    barrier = Barrier(len(works))

    def run(work):
        try:
            barrier.wait(timeout=20)
            return work()
        except (CannotBeSent, Locked, AssertionError) as error:  # the test looks at it
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(run, works))


def browsers_of(user, count):
    browsers = [Client() for _ in range(count)]
    browsers[0].force_login(user)
    for browser in browsers[1:]:
        browser.cookies = browsers[0].cookies
    return browsers


@pytest.fixture
def user(transactional_db):
    return ConsumerFactory(agreed=True).user


@pytest.mark.parametrize("one_key", [True, False], ids=["double click", "tabs"])
def test_parallel_posts_are_one_answer(user, one_key):
    survey, key = make_survey(), str(uuid.uuid4())
    data = {**answers(survey, several=None, number=None, text=None), "submission_key": key}
    pages = [data if one_key else {**data, "submission_key": str(uuid.uuid4())} for _ in range(8)]
    url = survey.get_absolute_url()

    responses = in_parallel(
        *(lambda b=b, p=p: b.post(url, p) for b, p in zip(browsers_of(user, 8), pages, strict=True))
    )

    sent = ServiceRequest.objects.get()
    assert {response.url for response in responses} == {sent.get_absolute_url()}
    assert Participation.objects.get().service_request == sent
    assert Answer.objects.count() == REQUIRED
    assert Email.objects.count() == 1


def test_putting_off_never_undoes_what_another_tab_has_sent(user):
    survey = make_survey()
    data = {**answers(survey), "submission_key": str(uuid.uuid4())}
    url = survey.get_absolute_url()
    first, *others = browsers_of(user, 5)

    in_parallel(lambda: first.post(url, data), *(lambda b=b: b.post(url, {**data, "later": "1"}) for b in others))

    participation = Participation.objects.get()
    assert participation.service_request == ServiceRequest.objects.get()
    assert participation.draft == {}


def test_many_answer_at_once(transactional_db):
    survey = make_survey()
    users = [ConsumerFactory(agreed=True).user for _ in range(8)]

    responses = in_parallel(*(lambda u=u: answered(survey, owner=u, text=None) for u in users))

    assert [response for response in responses if isinstance(response, Exception)] == []
    assert survey.participations.finished().count() == 8
    assert Answer.objects.filter(question__kind=Kind.SCALE).count() == 8


def test_an_answer_in_the_moment_of_the_closing_counts_or_is_refused(user):
    """Never a third: an answer without its participation, or one that came after the results."""
    survey = make_survey()
    supervisor = StaffFactory(group="supervisor")

    sent, _ = in_parallel(lambda: answered(survey, owner=user), lambda: actions.close_survey(survey, by=supervisor))

    took_part = survey.participations.finished().count()
    assert Survey.objects.get().closed_at is not None
    assert isinstance(sent, ServiceRequest | CannotBeSent | AssertionError)  # the last: its form was refused already
    assert took_part == isinstance(sent, ServiceRequest) == Answer.objects.filter(question__kind="scale").count()


@pytest.mark.postgres
def test_an_answer_waits_for_a_closing_and_is_refused(user):
    survey, supervisor = make_survey(), StaffFactory(group="supervisor")
    pool = ThreadPoolExecutor(1)
    with transaction.atomic():
        actions.close_survey(survey, by=supervisor)  # not committed yet: the other still finds it open
        sending = pool.submit(lambda: in_parallel(lambda: answered(survey, owner=user))[0])
        with pytest.raises(TimeoutError):
            sending.result(timeout=1)
    result = sending.result(timeout=20)
    pool.shutdown()

    assert isinstance(result, CannotBeSent)
    assert not Answer.objects.exists()
    assert not ServiceRequest.objects.exists()


@pytest.mark.postgres
@pytest.mark.parametrize(
    "change",
    [
        lambda survey: survey.questions.filter(kind=Kind.SCALE).update(text="Недовольны?"),
        lambda survey: Survey.objects.filter(pk=survey.pk).update(is_anonymous=False),
    ],
    ids=["questions", "anonymity"],
)
def test_an_answer_waits_for_what_is_changed_and_is_asked_again(user, change):
    survey = make_survey()
    pool = ThreadPoolExecutor(1)
    with transaction.atomic():
        Survey.objects.locked_row().get(pk=survey.pk)  # as the page of the survey does
        change(survey)
        sending = pool.submit(lambda: in_parallel(lambda: answered(survey, owner=user))[0])
        with pytest.raises(TimeoutError):
            sending.result(timeout=1)
    result = sending.result(timeout=20)
    pool.shutdown()

    assert isinstance(result, CannotBeSent)
    assert "опрос изменился" in result.message
    assert not Answer.objects.exists()


@pytest.mark.postgres
def test_new_questions_wait_for_an_answer_and_are_refused(user):
    survey = make_survey()
    pool = ThreadPoolExecutor(1)

    def edit():
        with transaction.atomic():
            Survey.objects.locked_row().get(pk=survey.pk)
            survey.questions.update(text="Недовольны?")

    with transaction.atomic():
        actions.put_off(survey, data=QueryDict(), by=user)
        editing = pool.submit(lambda: in_parallel(edit)[0])
        with pytest.raises(TimeoutError):
            editing.result(timeout=1)
    result = editing.result(timeout=20)
    pool.shutdown()

    assert isinstance(result, Locked)

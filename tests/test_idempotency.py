"""Double click, refresh, Back and resend, two tabs, parallel posts: one request, one number, one letter."""

import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
import time_machine
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from post_office.models import Email

from accounts.models import User
from requests_app import actions
from requests_app.lifecycle import Status
from requests_app.models import Attachment, Message, NumberSequence, ServiceRequest, StatusChange
from requests_app.services import complaint, consultation, inquiry
from tests.factories import ConsumerFactory, ServiceRequestFactory, filled, submitted
from tests.files import PDF, upload

OTHER_PDF = PDF.replace(b"1.4", b"1.7")


@pytest.fixture
def owner(db):
    return ConsumerFactory(agreed=True).user


def sent_again(service_request, **answers):
    """The same form once more; by default with the key of the first sending."""
    answers = {"submission_key": service_request.submission_key, **answers}
    return submitted(inquiry.SERVICE, owner=service_request.owner, **answers)


def test_the_same_sending_gives_the_same_request(owner):
    first = submitted(inquiry.SERVICE, owner=owner, files=[upload()])

    second = sent_again(first, files=[upload()])

    assert second == first
    assert ServiceRequest.objects.count() == Email.objects.count() == Attachment.objects.count() == 1
    assert NumberSequence.objects.get().last == 1


def test_the_same_sending_is_known_a_year_later(owner):
    first = submitted(inquiry.SERVICE, owner=owner)

    with time_machine.travel(timezone.now() + timedelta(days=365)):
        assert sent_again(first) == first


def test_the_same_sending_is_known_when_its_files_are_not_sent_again(owner):
    """Back and resend: a browser may not remember the chosen files."""
    first = submitted(inquiry.SERVICE, owner=owner, files=[upload()])

    assert sent_again(first) == first


def test_a_double_click_on_a_corrected_form_with_kept_files_is_one_sending(owner):
    """Both are checked while the kept file is still a draft; the second acts when it is one no longer."""
    key = uuid.uuid4()
    refused = filled(inquiry.SERVICE, owner=owner, submission_key=key, question="", files=[upload()])
    refused.is_valid()
    actions.keep_files(form=refused, by=owner)
    clicks = [filled(inquiry.SERVICE, owner=owner, submission_key=key) for _ in range(2)]
    assert all(click.is_valid() for click in clicks)

    first, second = (actions.submit(service=inquiry.SERVICE, form=click, by=owner) for click in clicks)

    assert second == first
    assert first.attachments.count() == Attachment.objects.count() == 1


@pytest.mark.parametrize(
    "change", [{"question": "Другой вопрос, совсем не тот."}, {"files": [upload("б.pdf", OTHER_PDF)]}]
)
def test_another_content_under_the_same_key_is_asked_about(owner, change):
    first = submitted(inquiry.SERVICE, owner=owner, files=[upload()])

    with pytest.raises(actions.AlreadySent) as caught:
        sent_again(first, **change)

    assert caught.value.service_request == first
    assert ServiceRequest.objects.count() == 1


def test_the_key_of_another_service_is_asked_about(owner):
    first = submitted(inquiry.SERVICE, owner=owner)

    with pytest.raises(actions.AlreadySent):
        submitted(consultation.SERVICE, owner=owner, submission_key=first.submission_key)


def test_a_withdrawn_request_is_not_passed_off_as_sent(owner):
    first = submitted(inquiry.SERVICE, owner=owner)
    actions.transition(first, "withdraw", by=owner)

    with pytest.raises(actions.AlreadySent):
        sent_again(first)


def test_the_same_key_of_another_consumer_is_another_request(owner):
    first = submitted(inquiry.SERVICE, owner=owner)

    second = submitted(inquiry.SERVICE, submission_key=first.submission_key)

    assert second != first


# -- The same content under another key: two tabs -------------------------------------------------------------------


def test_the_same_content_within_ten_minutes_gives_the_same_request(owner):
    first = submitted(inquiry.SERVICE, owner=owner, files=[upload()])

    with time_machine.travel(timezone.now() + timedelta(minutes=9)):
        second = sent_again(first, submission_key=uuid.uuid4(), files=[upload()])

    assert second == first
    assert Email.objects.count() == 1


def test_the_same_content_after_ten_minutes_is_a_new_request(owner):
    first = submitted(inquiry.SERVICE, owner=owner)

    with time_machine.travel(timezone.now() + timedelta(minutes=11)):
        assert sent_again(first, submission_key=uuid.uuid4()) != first


@pytest.mark.parametrize("status", [Status.WITHDRAWN, Status.REFUSED, Status.CLOSED])
def test_the_same_content_after_the_first_is_finished_is_a_new_request(owner, status):
    form = filled(inquiry.SERVICE, owner=owner)
    form.is_valid()
    first = ServiceRequestFactory(owner=owner, status=status, content_hash=form.content_hash())

    assert actions.submit(service=inquiry.SERVICE, form=form, by=owner) != first


@pytest.mark.parametrize(
    "change", [{"question": "Другой вопрос, совсем не тот."}, {"files": [upload("б.pdf", OTHER_PDF)]}]
)
def test_another_content_is_a_new_request(owner, change):
    first = submitted(inquiry.SERVICE, owner=owner, files=[upload()])

    assert sent_again(first, submission_key=uuid.uuid4(), **change) != first


def test_the_same_content_of_another_consumer_is_another_request(owner):
    first = submitted(inquiry.SERVICE, owner=owner)

    assert submitted(inquiry.SERVICE) != first


def test_the_hash_of_a_complaint_knows_what_it_repeats(owner):
    earlier = ServiceRequestFactory(owner=owner)

    first = submitted(complaint.SERVICE, owner=owner)
    second = submitted(complaint.SERVICE, owner=owner, repeats=earlier.pk)

    assert second != first


# -- Over HTTP ------------------------------------------------------------------------------------------------------


def post(client, data, **files):
    return client.post(reverse("requests:submit", args=["inquiry"]), {**data, **files})


@pytest.fixture
def data():
    """What the page of an inquiry sends, with one key each time."""
    return {**inquiry.SERVICE.example, "submission_key": str(uuid.uuid4())}


def test_a_double_click_leads_to_the_one_request(client, owner, data):
    client.force_login(owner)

    first, second = post(client, data), post(client, data)

    assert first.status_code == 302
    assert second.url == first.url


def test_the_new_text_of_a_page_sent_before_is_not_lost_and_can_be_sent(client, owner, data):
    client.force_login(owner)
    post(client, data)
    edited = {**data, "question": "Другой вопрос, совсем не тот."}

    asked = post(client, edited, files=upload())
    form = asked.context["form"]
    again = post(client, {**edited, "submission_key": str(form.key)})

    assert asked.status_code == 200
    assert "Другой вопрос, совсем не тот." in asked.content.decode()
    assert again.status_code == 302
    assert ServiceRequest.objects.count() == 2
    assert ServiceRequest.objects.newest_first()[0].attachments.count() == 1


# -- In parallel ----------------------------------------------------------------------------------------------------


def in_parallel(count, work):
    """Run `work(number)` in so many threads at the same moment, each with its own connection; their results."""
    barrier = Barrier(count)

    def run(number):
        try:
            barrier.wait(timeout=20)
            return work(number)
        finally:
            connection.close()

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(run, range(count)))


def clients(owner, count):
    """So many browsers of one person, logged in."""
    browsers = [Client() for _ in range(count)]
    browsers[0].force_login(owner)
    for browser in browsers[1:]:
        browser.cookies = browsers[0].cookies
    return browsers


@pytest.mark.django_db(transaction=True)
def test_parallel_posts_of_one_form_give_one_request(owner, data):
    browsers = clients(owner, 10)

    responses = in_parallel(10, lambda number: post(browsers[number], data, files=upload()))

    assert {response.status_code for response in responses} == {302}
    assert len({response.url for response in responses}) == 1
    assert_one_request()


@pytest.mark.django_db(transaction=True)
def test_parallel_posts_of_the_same_content_from_several_tabs_give_one_request(owner, data):
    browsers = clients(owner, 10)
    tabs = [{**data, "submission_key": str(uuid.uuid4())} for _ in browsers]

    responses = in_parallel(10, lambda number: post(browsers[number], tabs[number], files=upload()))

    assert len({response.url for response in responses}) == 1
    assert_one_request()


def assert_one_request():
    service_request = ServiceRequest.objects.get()
    assert NumberSequence.objects.get().last == 1
    assert service_request.inquiry
    assert StatusChange.objects.count() == Email.objects.count() == Attachment.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_parallel_requests_of_many_get_different_numbers(data):
    owners = [ConsumerFactory(agreed=True).user for _ in range(10)]
    browsers = [Client() for _ in owners]
    for browser, owner in zip(browsers, owners, strict=True):
        browser.force_login(owner)

    responses = in_parallel(10, lambda number: post(browsers[number], data))

    assert {response.status_code for response in responses} == {302}
    numbers = sorted(ServiceRequest.objects.values_list("number", flat=True))
    year = timezone.localdate().year
    assert numbers == [f"{year}-{number:06d}" for number in range(1, 11)]
    assert Email.objects.count() == 10


@pytest.mark.django_db(transaction=True)
@pytest.mark.postgres
def test_a_sending_of_one_consumer_does_not_hold_up_another(owner):
    """Waiting for each other's turn is only for the sendings of one consumer and for the moment of the number."""
    other = ConsumerFactory().user
    with transaction.atomic():
        User.objects.select_for_update(no_key=True).get(pk=owner.pk)

        (service_request,) = in_parallel(1, lambda _: submitted(inquiry.SERVICE, owner=other))

    assert service_request.number


@pytest.mark.django_db(transaction=True)
@pytest.mark.postgres
def test_staff_may_write_about_a_consumer_whose_request_is_being_sent(owner):
    """The lock on the consumer lets rows refer to them."""
    service_request = ServiceRequestFactory(owner=owner)
    with transaction.atomic():
        User.objects.select_for_update(no_key=True).get(pk=owner.pk)
        ServiceRequest.objects.locked().get(pk=service_request.pk)

        in_parallel(
            1,
            lambda _: Message.objects.create(
                service_request=service_request, author=owner, audience="consumer", body="Добавление"
            ),
        )

    assert Message.objects.count() == 1

"""An appeal about what was asked before is found when it comes."""

from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from requests_app import actions
from requests_app.models import QualityRule, Repetition
from requests_app.services import complaint, consultation, inquiry, invoice, violation_report
from tests.factories import ConsumerFactory, StaffFactory, submitted
from tests.quality import INQUIRY, answered

pytestmark = pytest.mark.django_db

FIRST = {"topic": "metering", "question": "Когда заменят счётчик?"}
AGAIN = {"topic": "metering", "question": "Счётчик так и не заменили."}


@pytest.fixture
def owner():
    return ConsumerFactory().user


def found(service_request):
    row = Repetition.objects.filter(service_request=service_request).first()
    return row and (row.earlier, row.reason)


def test_the_same_consumer_about_the_same_topic(owner):
    first = submitted(INQUIRY, owner=owner, **FIRST)
    second = submitted(INQUIRY, owner=owner, **AGAIN)

    assert found(first) is None
    assert found(second) == (first, "person")


def test_the_newest_earlier_one_is_named(owner):
    submitted(INQUIRY, owner=owner, **FIRST)
    second = submitted(INQUIRY, owner=owner, **AGAIN)
    third = submitted(INQUIRY, owner=owner, topic="metering", question="Третий раз пишу о счётчике.")

    assert found(third) == (second, "person")


@pytest.mark.parametrize(
    ("field", "before", "now", "reason"),
    [
        ("contract_number", "ТП-2019/114", "тп - 2019/114", "contract"),
        ("object_address", "г. Ростов-на-Дону, ул. Портовая, 71", "г.Ростов-на-Дону,  УЛ. ПОРТОВАЯ 71", "address"),
    ],
)
def test_another_consumer_of_the_same_contract_or_address_however_it_is_typed(field, before, now, reason):
    first = submitted(INQUIRY, **FIRST, **{"object_address": "", field: before})
    second = submitted(INQUIRY, **AGAIN, **{"object_address": "", field: now})

    assert found(second) == (first, reason)


@pytest.mark.parametrize(
    ("service", "answers"),
    [(inquiry.SERVICE, {"topic": "connection"}), (consultation.SERVICE, {}), (complaint.SERVICE, {})],
    ids=["topic", "consultation", "complaint"],
)
def test_another_topic_or_service_is_another_matter(owner, service, answers):
    submitted(INQUIRY, owner=owner, **FIRST)

    assert found(submitted(service, owner=owner, **answers)) is None


def test_consumers_without_anything_in_common(owner):
    submitted(INQUIRY, owner=owner, object_address="", **FIRST)

    assert found(submitted(INQUIRY, object_address="", **AGAIN)) is None


@pytest.mark.parametrize(("days", "is_repeated"), [(60, True), (61, False)])
def test_the_days_are_those_of_the_rule(owner, days, is_repeated):
    now = timezone.now()
    with time_machine.travel(now - timedelta(days=days), tick=False):
        submitted(INQUIRY, owner=owner, **FIRST)

    with time_machine.travel(now, tick=False):
        assert bool(found(submitted(INQUIRY, owner=owner, **AGAIN))) is is_repeated
        QualityRule.objects.update(repeat_days=10)
        other = ConsumerFactory().user
        assert found(submitted(INQUIRY, owner=other, object_address="", **AGAIN)) is None


def test_a_letter_written_down_late_repeats_nothing_that_came_after_it(owner):
    submitted(INQUIRY, owner=owner, **FIRST)
    with time_machine.travel(timezone.now() - timedelta(days=2)):
        letter = submitted(INQUIRY, owner=owner, **AGAIN)

    assert found(letter) is None


def test_what_was_taken_back_was_not_asked(owner):
    first = submitted(INQUIRY, owner=owner, **FIRST)
    actions.transition(first, "withdraw", by=owner)

    assert found(submitted(INQUIRY, owner=owner, **AGAIN)) is None


def test_another_invoice_is_another_order(owner):
    submitted(invoice.SERVICE, owner=owner)

    assert found(submitted(invoice.SERVICE, owner=owner, period_to="2026-11-30")) is None


def test_reports_of_violations_are_never_matched(owner):
    """An anonymous reporter would be told by the other one."""
    for is_anonymous in ("on", ""):
        for _ in range(2):
            place = f"Участок {_} {is_anonymous}"
            answers = {"is_anonymous": is_anonymous} if is_anonymous else {}
            submitted(violation_report.SERVICE, owner=owner, place=place, **answers)

    assert not Repetition.objects.exists()


def test_it_counts_for_who_answered_the_earlier_one(owner):
    operator = StaffFactory(group="operator")
    answered(by=operator, owner=owner, **FIRST)
    second = submitted(INQUIRY, owner=owner, **AGAIN)
    third = submitted(INQUIRY, owner=owner, topic="metering", question="И ещё раз.")

    assert second.repetition.answered_by == operator
    assert third.repetition.answered_by is None  # the second was not answered yet


def test_the_same_sending_twice_is_no_repetition(owner):
    first = submitted(INQUIRY, owner=owner, **FIRST)

    assert submitted(INQUIRY, owner=owner, **FIRST) == first
    assert not Repetition.objects.exists()


def test_the_desk_says_which_was_before(client, owner):
    first = submitted(INQUIRY, owner=owner, **FIRST)
    second = submitted(INQUIRY, owner=owner, **AGAIN)
    client.force_login(StaffFactory(group="operator"))

    html = client.get(reverse("admin:requests_app_servicerequest_change", args=[second.pk])).content.decode()

    assert "Повторное: было" in html
    assert f"№&nbsp;{first.number}</a>" in html
    assert reverse("admin:requests_app_servicerequest_change", args=[first.pk]) in html


def test_the_consumer_is_not_told(client):
    owner = ConsumerFactory(agreed=True).user
    submitted(INQUIRY, owner=owner, **FIRST)
    second = submitted(INQUIRY, owner=owner, **AGAIN)
    client.force_login(owner)

    assert "овторн" not in client.get(second.get_absolute_url()).content.decode()


def test_the_list_names_both(client, owner):
    first = submitted(INQUIRY, owner=owner, **FIRST)
    second = submitted(INQUIRY, owner=owner, **AGAIN)
    client.force_login(StaffFactory(group="supervisor"))
    listing = reverse("admin:requests_app_repetition_changelist")

    html = client.get(listing, {"service": "inquiry", "weeks": "4"}).content.decode()

    assert first.number in html
    assert second.number in html
    assert second.number not in client.get(listing, {"service": "complaint"}).content.decode()
    assert client.get(listing, {"earlier__owner__email": "x"}).status_code == 400

"""What operators do with readings on the desk: accept, correct, refuse, give to a meter."""

from datetime import UTC, datetime

import pytest
import time_machine
from django.urls import reverse

from requests_app.lifecycle import Status
from requests_app.models import Message, Reading, ReadingState
from requests_app.services.meter_readings import LIFE
from tests.factories import ConsumerFactory, StaffFactory
from tests.readings import NOVEMBER, confirmed_meter, operator, past, send, send_strange, send_unknown

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)  # 12:00 in Moscow


@pytest.fixture(autouse=True)
def _in_the_window(client):
    with time_machine.travel(NOON, tick=False):
        client.force_login(operator())
        yield


@pytest.fixture
def meter():
    meter = confirmed_meter(serial="011076148", zones=1)
    past(meter, until=18_432)
    return meter


@pytest.fixture
def waiting(meter):
    return send_strange(meter, 90_000, "right")


def step_page(service_request, name):
    return reverse("admin:requests_app_servicerequest_transition", args=[service_request.pk, name])


def state_of(service_request):
    service_request.refresh_from_db()
    return service_request.status, [(row.value, row.state) for row in service_request.readings.order_by("pk")]


def test_accepted(client, waiting):
    client.post(step_page(waiting, "approve"), {"comment": ""})

    assert state_of(waiting) == (Status.CLOSED, [(90_000, ReadingState.ACCEPTED)])


def test_corrected_with_words_for_the_consumer(client, waiting):
    client.post(step_page(waiting, "correct"), {"zone_1": "18 646", "comment": "На фото 18 646."})

    assert state_of(waiting) == (
        Status.CLOSED,
        [(90_000, ReadingState.SUPERSEDED), (18_646, ReadingState.ACCEPTED)],
    )
    assert waiting.messages.get().body == "На фото 18 646."
    assert Reading.objects.accepted().of_month(NOVEMBER).get().consumption_kwh == 214


def test_corrected_over_zero(client):
    meter = confirmed_meter(digits_before=5)
    past(meter, until=99_950)
    waiting = send_strange(meter, 130, "replaced")

    client.post(step_page(waiting, "correct"), {"zone_1": "130", "rolled_over": "1", "comment": "Через ноль."})

    assert Reading.objects.accepted().of_month(NOVEMBER).get().consumption_kwh == 180


@pytest.mark.parametrize(
    ("answers", "field"),
    [
        ({"zone_1": ""}, "zone_1"),
        ({"zone_1": "x\0"}, "zone_1"),
        ({"zone_1": "1234567"}, "zone_1"),
        ({"comment": ""}, "comment"),
        ({"rolled_over": "2"}, "rolled_over"),
        ({"zone_1": "186460"}, "is_sure"),  # a digit too many
    ],
)
def test_a_bad_correction_is_told_and_changes_nothing(client, waiting, answers, field):
    response = client.post(step_page(waiting, "correct"), {"zone_1": "18646", "comment": "Так.", **answers})

    assert list(response.context["form"].errors) == [field]
    assert state_of(waiting) == (Status.REGISTERED, [(90_000, ReadingState.IN_QUESTION)])


def test_refused_without_the_codes_of_an_appeal(client, waiting, meter):
    page = client.get(step_page(waiting, "refuse"))
    client.post(step_page(waiting, "refuse"), {"comment": "На фото другой счётчик."})

    assert "Оскорбления" not in page.content.decode()
    assert state_of(waiting) == (Status.REFUSED, [(90_000, ReadingState.REJECTED)])
    assert Message.objects.get().body == "На фото другой счётчик."
    assert not Reading.objects.current().of_month(NOVEMBER).exists()


def test_an_unknown_meter_is_found_by_its_serial(client, meter):
    sent = send_unknown(by=ConsumerFactory().user, serial="0110-76148")

    page = client.get(step_page(sent, "match")).content.decode()
    client.post(step_page(sent, "match"), {"meter": meter.pk, "month": "2026-11-01", "comment": ""})

    assert meter.point.address in page
    assert state_of(sent) == (Status.CLOSED, [(18_646, ReadingState.ACCEPTED)])


def test_an_unknown_meter_is_recorded_as_it_is_read(client):
    """Whole kilowatt-hours without a ratio, over zero when staff say so."""
    meter = confirmed_meter(digits_before=5, digits_after=1)
    past(meter, until=99_950)
    sent = send_unknown(by=ConsumerFactory().user, serial=meter.serial, zone_1="130,7")
    answers = {"meter": meter.pk, "month": "2026-11-01", "comment": ""}

    asked = client.post(step_page(sent, "match"), answers)
    client.post(step_page(sent, "match"), {**answers, "rolled_over": "1"})

    assert list(asked.context["form"].errors) == ["is_sure"]
    assert Reading.objects.accepted().of_month(NOVEMBER).get().consumption_kwh == 180


def test_a_taken_month_is_not_matched(client, meter):
    sent = send_unknown(by=ConsumerFactory().user, serial="011076148")
    send(meter, "18500")

    response = client.post(step_page(sent, "match"), {"meter": meter.pk, "month": "2026-11-01", "comment": ""})

    assert "уже есть показания" in response.content.decode()
    assert state_of(sent) == (Status.REGISTERED, [])


@pytest.mark.parametrize("answers", [{"meter": ""}, {"meter": "9" * 30}, {"month": "2020-01-01"}, {"month": "\0"}])
def test_a_bad_match_is_told(client, meter, answers):
    other = confirmed_meter()
    sent = send_unknown(by=ConsumerFactory().user, serial="011076148")
    data = {"meter": meter.pk, "month": "2026-11-01", "comment": "", **answers}

    assert client.post(step_page(sent, "match"), data).status_code == 200
    assert client.post(step_page(sent, "match"), {**data, "meter": other.pk}).status_code == 200
    assert state_of(sent) == (Status.REGISTERED, [])


@pytest.mark.parametrize("name", ["approve", "correct"])
def test_an_unknown_meter_is_first_to_be_found(client, name):
    sent = send_unknown(by=ConsumerFactory().user)

    page = client.get(step_page(sent, name))
    client.post(step_page(sent, name), {"comment": "Так."})

    assert page.status_code == 200
    assert state_of(sent) == (Status.REGISTERED, [])


def test_a_known_meter_is_not_matched(client, waiting, meter):
    page = client.get(step_page(waiting, "match"))
    client.post(step_page(waiting, "match"), {"meter": meter.pk, "month": "2026-11-01", "comment": ""})

    assert page.status_code == 200
    assert state_of(waiting) == (Status.REGISTERED, [(90_000, ReadingState.IN_QUESTION)])


@pytest.mark.parametrize("name", ["record", "supersede", "withdraw", "take"])
def test_what_is_not_for_staff_has_no_page(client, waiting, name):
    assert client.get(step_page(waiting, name)).status_code == 404


@pytest.mark.parametrize("group", ["", "editor", "dpo"])
def test_only_who_handles_requests_decides(client, waiting, group):
    client.force_login(StaffFactory(group=group))

    for name in ("approve", "correct", "refuse"):
        assert client.post(step_page(waiting, name), {"zone_1": "1", "comment": "Так."}).status_code == 403
    assert state_of(waiting)[0] == Status.REGISTERED


def test_every_way_out_of_the_check_is_final_and_fits_into_the_history():
    assert {step.target for step in LIFE.transitions} == {Status.CLOSED, Status.REFUSED, Status.WITHDRAWN}
    assert {source for step in LIFE.transitions for source in step.sources} == {Status.REGISTERED}
    assert max(len(step.name) for step in LIFE.transitions) <= 10

"""The consumer's pages of meter readings: the list, the form, its questions, the history."""

import csv
import io
import re
from datetime import UTC, date, datetime

import pytest
import time_machine
from django.urls import reverse

from requests_app import actions
from requests_app.models import Attachment, GrantStatus, Reading, ReadingState, ServiceRequest, ZoneLabel
from tests.factories import PASSWORD, AccessGrantFactory, ConsumerFactory, MeterFactory
from tests.files import picture, upload
from tests.readings import (
    NOVEMBER,
    confirmed_meter,
    operator,
    owner_of,
    past,
    reading,
    send,
    send_strange,
    send_unknown,
    supervisor,
)

pytestmark = pytest.mark.django_db

METERS = reverse("requests:meters")
UNKNOWN = reverse("requests:unknown_meter")
DECEMBER = date(2026, 12, 1)
NOON = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)  # 12:00 in Moscow


@pytest.fixture(autouse=True)
def _in_the_window():
    with time_machine.travel(NOON, tick=False):
        yield


@pytest.fixture
def meter(client):
    """A meter with a past, whose owner is logged in."""
    meter = confirmed_meter(zones=2, point__address="ул. Портовая, 71", model="СЕ 208")
    past(meter, until=5000)
    client.force_login(owner_of(meter))
    return meter


def form_of(meter):
    return reverse("requests:meter", args=[meter.pk])


def history_of(meter):
    return reverse("requests:meter_history", args=[meter.pk])


def table_of(meter):
    return reverse("requests:meter_table", args=[meter.pk])


def typed(*values, **answers):
    boxes = {f"zone_{zone}": value for zone, value in enumerate(values, start=1)}
    return {"taken_on": "2026-11-24", **boxes, **answers}


def text(response):
    return response.content.decode().replace("&nbsp;", " ").replace("\N{NO-BREAK SPACE}", " ")


# -- The list -------------------------------------------------------------------------------------------------------


def test_the_only_meter_has_its_form_at_once(client, meter):
    page = text(client.get(METERS))

    assert "Показания за ноябрь" in page
    assert "Принимаем до 25 ноября включительно, остался 1 день." in page
    assert 'name="zone_2"' in page


def test_several_meters_are_listed_with_their_state(client, meter):
    owner = owner_of(meter)
    sent, checked, _remote = (confirmed_meter(owner=owner, is_remote=number == 2) for number in range(3))
    confirmed_meter(owner=owner, removed_on="2026-01-01", serial="СНЯТ")
    past(checked, until=5000)
    send(sent, "10")
    send_strange(checked, 9000, "right")

    page = text(client.get(METERS))

    for label in ("Передано", "На проверке", "Снимаются дистанционно", "Не передано"):
        assert page.count(f">{label}<") == 1
    assert "СНЯТ" not in page


@pytest.mark.parametrize(
    ("moment", "told"),
    [
        (datetime(2026, 11, 5, 9, tzinfo=UTC), "Можно и сейчас: показания учтём за ноябрь"),
        (datetime(2026, 11, 25, 20, 59, 59, tzinfo=UTC), "сегодня последний день"),
        (datetime(2026, 11, 25, 21, 0, tzinfo=UTC), "показания учтём за декабрь"),
    ],
)
def test_the_page_says_for_which_month_they_count(client, meter, moment, told):
    with time_machine.travel(moment, tick=False):
        client.force_login(owner_of(meter))
        assert told in text(client.get(METERS))


def test_without_a_confirmed_meter_there_are_two_ways(client):
    client.force_login(ConsumerFactory().user)

    page = text(client.get(METERS))

    assert UNKNOWN in page
    assert reverse("requests:object_new") in page


@pytest.mark.parametrize("count", [2, 10])
def test_the_list_costs_the_same_for_many_meters(client, django_assert_num_queries, count):
    owner = ConsumerFactory().user
    for _ in range(count):
        past(confirmed_meter(owner=owner), until=5000)
    client.force_login(owner)

    with django_assert_num_queries(6):
        client.get(METERS)


@pytest.mark.parametrize("months", [3, 24])
def test_the_form_costs_the_same_after_many_months(client, django_assert_num_queries, months):
    meter = confirmed_meter()
    past(meter, until=90_000, months=months)
    client.force_login(owner_of(meter))

    with django_assert_num_queries(8):
        client.get(form_of(meter))


@pytest.mark.parametrize("months", [3, 24])
def test_the_history_costs_the_same_after_many_months(client, django_assert_num_queries, months):
    meter = confirmed_meter()
    past(meter, until=90_000, months=months)
    client.force_login(owner_of(meter))

    with django_assert_num_queries(7):
        client.get(history_of(meter))


# -- The form -------------------------------------------------------------------------------------------------------


def test_the_last_value_stands_above_the_box(client, meter):
    page = text(client.get(form_of(meter)))

    assert page.count('Было 20 октября: <span class="meter-last">005000</span>') == 2
    assert 'data-digits="6"' in page
    assert 'inputmode="numeric"' in page


def test_zeros_after_the_comma_stand_there_too(client):
    meter = confirmed_meter(digits_after=2, ratio=60)
    reading(meter, "1250.60", month=date(2026, 10, 1))
    client.force_login(owner_of(meter))

    assert '<span class="meter-last">001250,60</span>' in text(client.get(form_of(meter)))


def test_sent_readings_lead_to_their_request(client, meter):
    response = client.post(form_of(meter), typed("5 110", "05090"), follow=True)

    page = text(response)
    assert response.redirect_chain[-1][0] == ServiceRequest.objects.get().get_absolute_url()
    assert "Показания за ноябрь приняты, заявка №" in page
    for cell in (">5 000<", ">5 110<", ">110<", ">90<"):
        assert cell in page


def test_cut_digits_are_told(client, meter):
    page = text(client.post(form_of(meter), typed("5110,7", "5090"), follow=True))

    assert "Цифры после запятой мы отбросили." in page


def test_the_meter_of_the_address_wins(client, meter):
    other = confirmed_meter(owner=owner_of(meter))

    client.post(form_of(meter), typed("5110", "5090", meter=other.pk))

    assert {row.meter for row in Reading.objects.of_month(NOVEMBER)} == {meter}


@pytest.mark.parametrize(
    ("answers", "field", "code"),
    [
        ({"zone_2": ""}, "zone_2", "missing"),
        ({"zone_1": "пять"}, "zone_1", "invalid"),
        ({"zone_1": "1234567"}, "zone_1", "too_long"),
        ({"zone_1": "-5"}, "zone_1", "negative"),
        ({"zone_1": "\0"}, "zone_1", "invalid"),
        ({"zone_1": "٣٤٥"}, "zone_1", "invalid"),
        ({"zone_1": "9" * 5000}, "zone_1", "invalid"),
        ({"taken_on": "2026-11-25"}, "taken_on", "future"),
        ({"taken_on": "2026-10-19"}, "taken_on", "before_previous"),
        ({"taken_on": "2026-11-31"}, "taken_on", "invalid"),
        ({"taken_on": "0001-01-01"}, "taken_on", "before_previous"),
        ({"taken_on": ""}, "taken_on", "required"),
    ],
)
def test_a_mistake_is_told_by_its_field_and_the_rest_stays(client, meter, answers, field, code):
    response = client.post(form_of(meter), {**typed("5110", "5091"), **answers})

    form = response.context["form"]
    assert response.status_code == 200
    assert {name: [error.code for error in errors] for name, errors in form.errors.as_data().items()} == {field: [code]}
    assert 'value="5091"' in text(response) or field == "zone_2"
    assert not ServiceRequest.objects.exists()


@pytest.mark.parametrize("day", ["2025-11-22", "0001-01-01"])
def test_a_first_reading_is_not_of_years_ago(client, day):
    meter = confirmed_meter(installed_on=None)
    client.force_login(owner_of(meter))

    response = client.post(form_of(meter), typed("5110", taken_on=day))

    errors = response.context["form"].errors.as_data()
    assert [(name, error.code) for name in errors for error in errors[name]] == [("taken_on", "too_old")]


@pytest.mark.parametrize("missing", ["zone_1", "zone_2", "taken_on"])
def test_a_missing_field_is_told(client, meter, missing):
    data = typed("5110", "5090")
    del data[missing]

    response = client.post(form_of(meter), data)

    assert list(response.context["form"].errors) == [missing]


@pytest.mark.parametrize("about", [{"is_remote": True}, {"removed_on": date(2026, 10, 1)}])
def test_a_remote_or_removed_meter_takes_nothing(client, about):
    meter = confirmed_meter(**about)
    client.force_login(owner_of(meter))

    page = client.get(form_of(meter))
    sent = client.post(form_of(meter), typed("100"))
    by_list = client.post(METERS, typed("100", meter=meter.pk))

    assert (page.status_code, sent.status_code, by_list.status_code) == (200, 200, 200)
    assert "meter" in by_list.context["form"].errors
    assert not Reading.objects.exists()


def test_the_last_value_of_a_remote_meter_is_shown(client):
    meter = confirmed_meter(is_remote=True, zones=2)
    past(meter, until=5000)
    reading(meter, 5120, zone=1, source="remote")
    client.force_login(owner_of(meter))

    page = text(client.get(form_of(meter)))

    assert 'T1 (день) <span class="number">5 120</span>, 20 ноября; T2 (ночь) <span class="number">5 000</span>' in page


def test_an_expired_verification_is_confirmed_and_accepted(client):
    meter = confirmed_meter(verified_until="2026-01-01")
    client.force_login(owner_of(meter))

    asked = client.post(form_of(meter), typed("100"))
    client.post(form_of(meter), typed("100", unverified="on"))

    assert list(asked.context["form"].errors) == ["unverified"]
    row = Reading.objects.get()
    assert (row.state, row.question_codes) == (ReadingState.ACCEPTED, "unverified")


# -- Questions ------------------------------------------------------------------------------------------------------


def test_a_strange_value_brings_a_question_and_keeps_values_and_photo(client, meter):
    photo = upload("Счётчик.jpg", picture())

    response = client.post(form_of(meter), typed("5110", "50905", files=photo))

    page = text(response)
    assert "Проверьте показания" in page
    assert "Лишняя цифра в конце: 5 090" in page
    assert 'value="5110"' in page
    assert 'value="50905"' in page
    assert "Счётчик.jpg" in page
    assert not ServiceRequest.objects.exists()


def test_next_to_nothing_is_not_called_usual(client, meter):
    page = text(client.post(form_of(meter), typed("5001", "50905")))

    assert "1 кВт·ч с 20 октября, обычно 100 за месяц" in page
    assert "как обычно" not in page


def test_the_meant_value_is_accepted_at_once(client, meter):
    answers = {"asked_2": "50905", "answer_2": "meant"}

    client.post(form_of(meter), typed("5110", "50905", **answers))

    assert [row.value for row in Reading.objects.of_month(NOVEMBER).accepted().order_by("zone")] == [5110, 5090]


def test_all_is_right_needs_a_photo_and_waits_for_staff(client, meter):
    answers = {"asked_2": "50905", "answer_2": "right"}

    without = client.post(form_of(meter), typed("5110", "50905", **answers))
    key = without.context["form"].key
    with_photo = typed("5110", "50905", **answers, submission_key=key, files=upload("Счётчик.jpg", picture()))
    page = text(client.post(form_of(meter), with_photo, follow=True))

    assert list(without.context["form"].errors) == ["files"]
    assert "переданы на проверку" in page
    assert {row.state for row in Reading.objects.of_month(NOVEMBER)} == {ReadingState.IN_QUESTION}
    assert Attachment.objects.filter(service_request__isnull=False).count() == 1


def test_an_answer_counts_only_for_the_value_it_was_given_to(client, meter):
    answers = {"asked_2": "50905", "answer_2": "right", "files": upload("Счётчик.jpg", picture())}

    response = client.post(form_of(meter), typed("5110", "60905", **answers))

    assert "answer_2" in response.context["form"].errors
    assert "checked" not in text(response)
    assert not ServiceRequest.objects.exists()


def test_typing_anew_brings_the_box_back(client, meter):
    response = client.post(form_of(meter), typed("5110", "50905", asked_2="50905", answer_2="again"))

    assert list(response.context["form"].errors) == ["zone_2"]


@pytest.mark.parametrize("answer", ["nonsense", "\0", "rollover", ""])
def test_an_answer_that_was_not_offered_is_none(client, meter, answer):
    response = client.post(form_of(meter), typed("5110", "50905", asked_2="50905", answer_2=answer))

    assert "answer_2" in response.context["form"].errors
    assert not ServiceRequest.objects.exists()


def test_swapped_zones_are_asked_about_and_put_right(client):
    meter = confirmed_meter(zones=2)
    past(meter, until=5000)
    Reading.objects.filter(zone=1, period__month=date(2026, 10, 1)).update(value=18_432, previous_value=18_332)
    client.force_login(owner_of(meter))

    asked = client.post(form_of(meter), typed("5090", "18500"))
    client.post(form_of(meter), typed("5090", "18500", swap="yes", asked_swap="5090 18500"))

    assert asked.context["form"].errors == {"swap": ["Похоже, зоны перепутаны. Выберите, что верно."]}
    assert [row.value for row in Reading.objects.of_month(NOVEMBER).accepted().order_by("zone")] == [18500, 5090]


def test_zones_that_only_look_swapped_go_on_to_their_own_questions(client):
    meter = confirmed_meter(zones=2)
    past(meter, until=5000)
    Reading.objects.filter(zone=1, period__month=date(2026, 10, 1)).update(value=18_432, previous_value=18_332)
    client.force_login(owner_of(meter))
    answers = {"swap": "no", "asked_swap": "5090 18500"}

    response = client.post(form_of(meter), typed("5090", "18500", **answers))

    assert list(response.context["form"].errors) == ["answer_1", "answer_2"]


def test_the_same_values_again_lead_to_the_same_request(client, meter):
    first = client.post(form_of(meter), typed("5110", "5090"))

    again = client.post(form_of(meter), typed("005110", "5 090"))

    assert again.url == first.url
    assert ServiceRequest.objects.count() == 1


def colleague_of(meter):
    user = ConsumerFactory().user
    AccessGrantFactory(user=user, status=GrantStatus.CONFIRMED, point=meter.point)
    return user


def test_the_values_of_a_colleague_are_said_to_be_given_and_nothing_else(client, meter):
    send(meter, "5110", "5090")
    client.force_login(colleague_of(meter))

    page = client.post(form_of(meter), typed("5110", "5090"), follow=True)

    assert page.redirect_chain == [(history_of(meter), 302)]
    assert "Эти показания за ноябрь уже переданы, второй раз не нужно." in text(page)
    assert owner_of(meter).email not in text(page)
    assert ServiceRequest.objects.count() == 1


def test_strange_values_that_stand_already_are_not_asked_about_again(client):
    meter = confirmed_meter()
    past(meter, until=5000)
    sent = send_strange(meter, 9000, "right")
    client.force_login(sent.owner)

    own = client.post(form_of(meter), typed("9000"))
    client.force_login(colleague_of(meter))
    colleagues = client.post(form_of(meter), typed("9000"))

    assert (own.url, colleagues.url) == (sent.get_absolute_url(), history_of(meter))
    assert ServiceRequest.objects.count() == 1


def test_other_values_than_a_colleagues_are_a_correction(client, meter):
    send(meter, "5110", "5090")
    client.force_login(colleague_of(meter))

    page = client.post(form_of(meter), typed("5111", "5090"))

    assert list(page.context["form"].errors) == ["correction_reason"]


def test_a_meter_that_is_not_theirs_any_more_is_said_to_be_so(client, meter):
    meter.point.grants.all().delete()

    response = client.post(METERS, typed("5110", "5090", meter=meter.pk))

    assert "Этого счётчика нет среди ваших подтверждённых" in text(response)


def test_the_number_of_a_new_meter_is_complained_of_once(client, meter):
    answers = {"asked_1": "1", "answer_1": "replaced", "asked_2": "1", "answer_2": "replaced", "new_serial": "1" * 41}

    response = client.post(form_of(meter), typed("1", "1", **answers))

    assert len(response.context["form"].errors["new_serial"]) == 1


def test_sent_twice_with_one_key_is_once(client, meter):
    key = client.get(form_of(meter)).context["form"].key
    data = typed("5110", "5090", submission_key=key)

    urls = {client.post(form_of(meter), data).url for _ in range(2)}

    assert len(urls) == 1
    assert Reading.objects.of_month(NOVEMBER).count() == 2


def test_the_same_key_with_other_values_asks_again(client, meter):
    key = client.get(form_of(meter)).context["form"].key
    client.post(form_of(meter), typed("5110", "5090", submission_key=key))

    corrected = typed("5111", "5090", submission_key=key, correction_reason="Другая причина")
    page = client.post(form_of(meter), corrected)

    assert "Эту форму вы уже отправили" in text(page)
    assert page.context["form"].key != key


def test_a_correction_shows_what_was_given(client, meter):
    client.post(form_of(meter), typed("5110", "5090"))

    page = text(client.get(form_of(meter)))

    assert "За ноябрь показания уже переданы" in page
    assert "Почему исправляете" in page


@pytest.mark.parametrize("serial", ["0110 76149", ""])
def test_a_replaced_meter_is_named(client, serial):
    meter = confirmed_meter()
    past(meter, until=5000)
    client.force_login(owner_of(meter))
    answers = {"asked_1": "12", "answer_1": "replaced", "new_serial": serial}

    client.post(form_of(meter), typed("12", **answers, files=upload("Счётчик.jpg", picture())))

    assert ServiceRequest.objects.get().detail.new_serial == serial
    assert Reading.objects.in_question().get().answer == "replaced"


@pytest.mark.parametrize("serial", ["9" * 41, "\0"])
def test_a_serial_that_is_none_is_refused(client, serial):
    meter = confirmed_meter()
    past(meter, until=5000)
    client.force_login(owner_of(meter))
    answers = {"asked_1": "12", "answer_1": "replaced", "new_serial": serial}

    response = client.post(form_of(meter), typed("12", **answers, files=upload("Счётчик.jpg", picture())))

    assert list(response.context["form"].errors) == ["new_serial"]
    assert not ServiceRequest.objects.exists()


# -- An unknown meter -----------------------------------------------------------------------------------------------


def test_an_unknown_meter_becomes_a_request_without_readings(client):
    client.force_login(ConsumerFactory().user)
    data = {"typed_serial": "0110 76148", "object_address": "ул. Портовая, 71", **typed("18646", "7215")}

    page = text(client.post(UNKNOWN, data, follow=True))

    assert "Специалист найдёт счётчик" in page
    assert ServiceRequest.objects.get().detail.typed_values == "18646 / 7215"
    assert not Reading.objects.exists()


def test_the_page_of_an_unknown_meter_promises_no_use(client):
    client.force_login(ConsumerFactory().user)

    page = text(client.get(UNKNOWN))

    assert "Сразу покажем расход" not in page
    assert f'href="{METERS}">Показания</a>' in page


def test_the_true_serial_of_another_shows_nothing_of_it(client, meter):
    stranger = ConsumerFactory().user
    sent = send_unknown(by=stranger, serial=meter.serial)
    client.force_login(stranger)

    pages = [text(client.get(url)) for url in (sent.get_absolute_url(), METERS, UNKNOWN)]

    assert not any("Портовая, 71<" in page or "5 000" in page or "005000" in page for page in pages)
    for url in (form_of(meter), history_of(meter), table_of(meter)):
        assert client.get(url).status_code == 404


@pytest.mark.parametrize(
    ("answers", "field"),
    [
        ({"typed_serial": ""}, "typed_serial"),
        ({"typed_serial": "---"}, "typed_serial"),
        ({"typed_serial": "\0"}, "typed_serial"),
        ({"object_address": ""}, "object_address"),
        ({"zone_1": ""}, "zone_1"),
        ({"zone_1": "x"}, "zone_1"),
        ({"zone_3": "5"}, "zone_2"),
        ({"taken_on": "2026-11-25"}, "taken_on"),
        ({"taken_on": "2025-11-22"}, "taken_on"),
        ({"taken_on": "0001-01-01"}, "taken_on"),
    ],
)
def test_an_unknown_meter_is_described(client, answers, field):
    client.force_login(ConsumerFactory().user)
    data = {"typed_serial": "1", "object_address": "ул. Портовая, 71", **typed("18646"), **answers}

    response = client.post(UNKNOWN, data)

    assert list(response.context["form"].errors) == [field]


# -- History --------------------------------------------------------------------------------------------------------


def test_the_history_draws_the_year_beside_the_last(client, meter):
    past(meter, until=3000, months=2, last=date(2025, 11, 1))

    page = text(client.get(history_of(meter)))

    assert page.count('<rect class="chart-day"') == 4 + 1  # and the key
    assert page.count('<rect class="chart-night"') == 4 + 1
    assert page.count('<line class="chart-mark"') == 2 + 1  # September and October a year ago
    assert '<td class="amount" data-label="Год назад">200</td>' in page


def test_the_history_tells_a_control_reading_from_what_was_given(client, meter):
    send(meter, "5110", "5090")
    actions.record_control_reading(
        meter=meter,
        values={1: 5150, 2: 5090},
        taken_on=date(2026, 11, 24),
        month=NOVEMBER,
        by=operator(),
        reason="Акт № 12",
    )

    page = text(client.get(history_of(meter)))

    assert "Ноябрь, T1 (день): 5 150 вместо 5 110 от 24 ноября. Контрольное снятие 24 ноября. Акт № 12" in page


@pytest.mark.parametrize(
    ("monthly", "scale"),
    [
        (300, ["300 кВт·ч", "200", "100"]),
        (3000, ["3 тыс. кВт·ч", "2", "1"]),
        (1100, ["1,5 тыс. кВт·ч", "1", "0,5"]),
        (700_000, ["750 тыс. кВт·ч", "500", "250"]),
        (4_000_000, ["6 млн кВт·ч", "4", "2"]),
    ],
)
def test_the_scale_is_written_shortly(client, monthly, scale):
    meter = confirmed_meter(digits_before=9)
    past(meter, until=90_000_000, monthly=monthly)
    client.force_login(owner_of(meter))

    assert re.findall('class="chart-scale"[^>]*>([^<]*)<', text(client.get(history_of(meter)))) == scale


def test_the_history_has_a_column_of_every_zone_without_its_label(client, meter):
    ZoneLabel.objects.filter(zones=2, number=2).delete()

    page = text(client.get(history_of(meter)))

    assert ">T1 (день)</th>" in page
    assert ">T2</th>" in page


def test_a_month_with_an_unknown_zone_has_no_total(client):
    meter = confirmed_meter(zones=2)
    was = {"previous_value": 4900, "previous_on": date(2026, 10, 20), "consumption_kwh": 100}
    reading(meter, 5000, zone=1, **was)
    reading(meter, 7, zone=2)  # of a new meter
    client.force_login(owner_of(meter))

    page = text(client.get(history_of(meter)))

    assert '<td class="amount" data-label="кВт·ч">100</td>' in page
    assert '<td class="amount" data-label="Всего">100</td>' not in page


def test_the_table_is_a_csv_with_every_value(client, meter):
    client.post(form_of(meter), typed("5110", "5090"))
    client.post(form_of(meter), typed("5111", "5090", correction_reason="Другая причина"))

    response = client.get(table_of(meter))

    rows = list(csv.reader(io.StringIO(b"".join(response.streaming_content).decode("utf-8-sig")), delimiter=";"))
    assert response["Content-Type"].startswith("text/csv")
    assert rows[0][:6] == ["Месяц", "Счётчик", "Зона", "Дата показания", "Прошлое", "Показание"]
    assert len(rows) == 1 + 4 * 2 + 2 * 2
    assert {row[10] for row in rows[1:]} == {"Принято", "Исправлено"}


def test_a_meter_without_readings_has_an_empty_history(client):
    meter = confirmed_meter()
    client.force_login(owner_of(meter))

    assert "Расход появится после двух показаний." in text(client.get(history_of(meter)))


# -- Strangers, methods, letters ------------------------------------------------------------------------------------


@pytest.mark.parametrize("address", [form_of, history_of, table_of])
@pytest.mark.parametrize("status", ["asked", "refused", "revoked", None])
def test_only_a_confirmed_consumer_opens_it(client, meter, address, status):
    stranger = ConsumerFactory().user
    if status:
        AccessGrantFactory(user=stranger, status=status, **({"point": meter.point} if status == "revoked" else {}))
    client.force_login(stranger)

    assert client.get(address(meter)).status_code == 404
    assert client.post(address(meter), typed("1", "2")).status_code in (404, 405)
    assert Reading.objects.count() == 8


def test_no_such_meter_looks_like_a_strangers(client):
    client.force_login(ConsumerFactory().user)

    assert client.get(reverse("requests:meter", args=[10**12])).status_code == 404


@pytest.mark.parametrize("address", [form_of, history_of, table_of])
def test_anonymous_is_led_to_the_login(client, address):
    assert client.get(address(MeterFactory())).url.startswith(reverse("accounts:login"))


@pytest.mark.parametrize("address", [history_of, table_of])
def test_reading_pages_take_no_post(client, meter, address):
    assert client.post(address(meter)).status_code == 405


@pytest.mark.parametrize("method", ["put", "delete", "patch"])
def test_forms_take_no_other_method(client, meter, method):
    for url in (METERS, UNKNOWN, form_of(meter)):
        assert getattr(client, method)(url).status_code == 405


def test_after_revocation_the_request_stays_without_the_history(client, meter):
    client.post(form_of(meter), typed("5110", "5090"))
    sent = ServiceRequest.objects.get()
    grant = meter.point.grants.get()
    actions.revoke_access(grant, reason="Продано", by=supervisor())

    page = text(client.get(sent.get_absolute_url()))

    assert "5 000" not in page
    assert client.get(history_of(meter)).status_code == 404


def test_the_cabinet_reminds_until_everything_is_sent(client, meter):
    before = text(client.get(reverse("requests:cabinet")))
    client.post(form_of(meter), typed("5110", "5090"))
    after = text(client.get(reverse("requests:cabinet")))

    assert "Передайте показания до 25 ноября" in before
    assert "Передайте показания" not in after


def test_the_cabinet_is_quiet_outside_the_window(client, meter):
    with time_machine.travel(datetime(2026, 11, 25, 21, 0, tzinfo=UTC), tick=False):
        client.force_login(owner_of(meter))
        assert "Передайте показания до" not in text(client.get(reverse("requests:cabinet")))


LATE = datetime(2026, 11, 27, 9, tzinfo=UTC)  # the window of November is over
NEXT_WINDOW = datetime(2026, 12, 20, 9, tzinfo=UTC)


def test_after_the_window_the_page_says_that_the_month_stays_empty(client, meter):
    with time_machine.travel(LATE, tick=False):
        client.force_login(owner_of(meter))
        missed = text(client.get(form_of(meter)))
        actions.close_period(NOVEMBER, by=supervisor())
        closed = text(client.get(form_of(meter)))

    assert "Приём за этот месяц закончен: показания учтём за декабрь." in missed
    assert "Чтобы расход был за весь декабрь, передайте ещё раз с 15 декабря по 25 декабря." in missed
    assert "За ноябрь показаний нет" in missed
    assert "Специалист скажет, можно ли ещё учесть." in missed
    assert "Этот месяц закрыт" in closed
    assert "можно ли ещё учесть" not in closed


@pytest.mark.parametrize(("moment", "about"), [(NOON, {}), (LATE, {"installed_on": date(2026, 12, 1)})])
def test_nothing_was_missed_within_the_window_or_before_the_meter(client, moment, about):
    meter = confirmed_meter(**about)
    with time_machine.travel(moment, tick=False):
        client.force_login(owner_of(meter))
        assert "показаний нет" not in text(client.get(form_of(meter)))


def test_who_gave_november_has_missed_nothing(client, meter):
    client.post(form_of(meter), typed("5110", "5090"))

    with time_machine.travel(LATE, tick=False):
        client.force_login(owner_of(meter))
        assert "показаний нет" not in text(client.get(form_of(meter)))


def test_what_was_read_before_the_month_is_asked_for_anew(client):
    meter = confirmed_meter()
    past(meter, until=5000)
    owner = owner_of(meter)
    with time_machine.travel(LATE, tick=False):
        client.force_login(owner)
        client.post(form_of(meter), typed("5110", taken_on="2026-11-27"))

    with time_machine.travel(NEXT_WINDOW, tick=False):
        client.force_login(owner)
        cabinet = text(client.get(reverse("requests:cabinet")))
        form = client.get(form_of(meter))
        same = typed("5110", taken_on="2026-12-20", correction_reason=form.context["form"]["correction_reason"].value())
        client.post(form_of(meter), same)  # nothing was used, and this is how it is said
        after = text(client.get(reverse("requests:cabinet")))

    assert "Передайте показания до 25 декабря" in cabinet
    assert "Прежние сняты слишком рано, нужны новые." in cabinet
    assert "Нужны новые показания за декабрь" in text(form)
    assert Reading.objects.current().of_month(DECEMBER).get().taken_on == date(2026, 12, 20)
    assert "Передайте показания" not in after


def test_the_list_and_the_cabinet_tell_early_values_from_missing_ones(client):
    meter = confirmed_meter()
    owner = owner_of(meter)
    confirmed_meter(owner=owner)
    with time_machine.travel(LATE, tick=False):
        send(meter, "10")
        client.force_login(owner)
        before = text(client.get(METERS))

    with time_machine.travel(NEXT_WINDOW, tick=False):
        client.force_login(owner)
        page, cabinet = text(client.get(METERS)), text(client.get(reverse("requests:cabinet")))

    assert (before.count(">Передано<"), before.count(">Нужны новые<")) == (1, 0)
    assert (page.count(">Нужны новые<"), page.count(">Не передано<")) == (1, 1)
    assert "Не переданы: 1 счётчик. Сняты слишком рано, нужны новые: 1 счётчик." in cabinet


def test_staff_see_the_values_on_the_desk(client, meter):
    sent = send_strange(confirmed_meter(digits_before=5), 130, "right")  # the first one: nothing to ask
    client.force_login(operator())

    page = client.get(reverse("admin:requests_app_servicerequest_change", args=[sent.pk]))

    assert page.status_code == 200
    assert "130" in text(page)


def test_values_typed_in_an_ended_session_are_back_after_login(client):
    user = ConsumerFactory(agreed=True).user
    meter = confirmed_meter(owner=user)
    client.force_login(user)
    mark = client.get(form_of(meter)).context["mark"]
    client.session.delete()

    client.post(form_of(meter), typed("5110", given_to=mark))
    client.get(reverse("accounts:consent"))
    login = {"username": user.email, "password": PASSWORD, "next": form_of(meter)}
    page = text(client.get(client.post(reverse("accounts:login"), login).url))

    assert 'value="5110"' in page
    assert "Вы снова вошли" in page
    assert not Reading.objects.exists()

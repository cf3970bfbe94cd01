"""Readings on the work desk: the list, the page of one, meters of a table decided one by one, what is missing."""

import csv
import io
from datetime import UTC, date, datetime
from decimal import Decimal

import openpyxl
import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.urls import reverse
from post_office.models import Email

from requests_app import actions
from requests_app.lifecycle import Status
from requests_app.models import GrantStatus, PeriodChange, Reading, ReadingPeriod, ReadingState, ReadingWindow, Source
from requests_app.services.meter_readings.detail import MeterReadings
from tests.factories import AccessGrantFactory, ConsumerFactory, MeterFactory, StaffFactory, SupplyPointFactory
from tests.reading_sheets import csv_file, meters, send_sheet
from tests.readings import (
    NOVEMBER,
    confirmed_meter,
    operator,
    past,
    reading,
    send,
    send_strange,
    send_unknown,
    supervisor,
)

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _in_the_window():
    with time_machine.travel(NOON, tick=False):
        yield


def page(name, *args):
    return reverse(f"admin:requests_app_{name}", args=args)


def plain(response):
    return response.content.decode().replace("&nbsp;", " ").replace("\N{NO-BREAK SPACE}", " ")


def sheet_table(sheet):
    return reverse("requests:sheet_sent", args=[sheet.number])


def listed(client, **query):
    response = client.get(page("reading_changelist"), query)
    assert response.status_code == 200
    return list(response.context["cl"].result_list)


# -- The list -------------------------------------------------------------------------------------------------------


def test_readings_in_question_begin_with_the_oldest(client):
    first, second = confirmed_meter(), confirmed_meter()
    for meter in (first, second):
        past(meter, until=5000)
    older = send_strange(first, "9000", "right").readings.get()
    newer = send_strange(second, "9000", "right").readings.get()
    client.force_login(operator())

    assert listed(client, state__exact="in_question") == [older, newer]
    assert listed(client)[:2] == [newer, older]


def test_the_list_says_what_is_strange(client):
    meter = confirmed_meter(digits_before=5)
    past(meter, until=99_950)
    send_strange(meter, "130", "rollover")
    client.force_login(operator())

    shown = client.get(page("reading_changelist")).content.decode().replace("\N{NO-BREAK SPACE}", " ")

    assert "<small>меньше прошлого, счётчик перешёл через ноль</small>" in shown


def test_the_list_is_narrowed_by_month_source_and_state(client):
    meter = confirmed_meter()
    past(meter, until=5000)
    now = reading(meter, 5100)
    control = reading(confirmed_meter(), 10, source=Source.CONTROL)
    client.force_login(operator())

    assert set(listed(client, month="2026-11")) == {now, control}
    assert listed(client, month="2026-11", source__exact="control") == [control]
    assert len(listed(client, month="2026-10")) == 1
    assert len(listed(client, month="nonsense")) == 6


@pytest.mark.parametrize("lookup", ["recorded_by__password__startswith", "value__gt", "meter__serial__contains"])
def test_nothing_else_narrows_the_list(client, lookup):
    client.force_login(operator())

    assert client.get(page("reading_changelist"), {lookup: "1"}).status_code == 400


def test_readings_are_found_by_meter_contract_and_number(client):
    meter = confirmed_meter(serial="КОТ-778")
    sent = send(meter, "100")
    send(confirmed_meter(), "100")
    client.force_login(operator())

    for term in ("кот 778", meter.point.contract_number, sent.number, meter.point.address):
        assert [row.meter for row in listed(client, q=term)] == [meter], term


@pytest.mark.parametrize("count", [1, 10])
def test_cost_of_the_list_does_not_grow(client, count, django_assert_num_queries):
    for _ in range(count):
        send(confirmed_meter(), "100")
    client.force_login(operator())

    with django_assert_num_queries(7):  # session, user, two of permissions, months, count, rows
        client.get(page("reading_changelist"))


# -- The page of one ------------------------------------------------------------------------------------------------


def test_the_page_tells_how_it_was_counted_and_what_was_answered(client):
    meter = confirmed_meter(ratio=60)
    past(meter, until=1000)
    sent = send_strange(meter, "9000", "right")
    client.force_login(operator())

    html = (
        client.get(page("reading_change", sent.readings.get().pk)).content.decode().replace("\N{NO-BREAK SPACE}", " ")
    )

    for words in ("1 000", "9 000", "8 000", "60", "480 000", "больше обычного в 3 раза", "Всё верно", "Счётчик.jpg"):
        assert words.lower() in html.lower(), words


def test_from_the_page_a_single_sending_is_decided_by_the_steps_of_its_request(client):
    meter = confirmed_meter()
    past(meter, until=5000)
    sent = send_strange(meter, "9000", "right")
    client.force_login(operator())

    html = client.get(page("reading_change", sent.readings.get().pk)).content.decode()

    for step in ("approve", "correct", "refuse"):
        assert page("servicerequest_transition", sent.pk, step) in html


def test_a_control_reading_and_the_consumers_are_shown_with_their_difference(client):
    meter = confirmed_meter()
    past(meter, until=5000)
    given = send(meter, "5100").readings.get()
    [control] = actions.record_control_reading(
        meter=meter, values={1: Decimal(5150)}, taken_on=date(2026, 11, 24), month=NOVEMBER, by=operator()
    )
    client.force_login(operator())

    context = client.get(page("reading_change", control.pk)).context

    assert context["others"] == [(given, Decimal(-50))]


@pytest.mark.parametrize("count", [1, 10])
def test_cost_of_the_page_does_not_grow_with_the_months(client, count, django_assert_max_num_queries):
    meter = confirmed_meter(zones=2)
    past(meter, until=9000, months=count)
    sent = send(meter, "9100", "9100")
    client.force_login(operator())

    with django_assert_max_num_queries(14):
        client.get(page("reading_change", sent.readings.first().pk))


# -- Meters of a table, one by one ----------------------------------------------------------------------------------


@pytest.fixture
def sheet(client):
    """A table with a usual value and two strange ones."""
    owner, found = meters(3)
    values = ["5100", "9000", "9000"]
    rows = [(meter.serial, "", value, "", "верно") for meter, value in zip(found, values, strict=True)]
    sent = send_sheet(client, owner, csv_file(*rows)).service_request
    client.force_login(operator())
    return sent


def waiting(sheet):
    return list(sheet.readings.in_question().order_by("pk"))


def test_the_request_of_a_table_leads_to_its_strange_values(client, sheet):
    html = client.get(page("servicerequest_change", sheet.pk)).content.decode()

    for row in waiting(sheet):
        assert page("reading_change", row.pk) in html


def test_each_meter_is_decided_and_the_last_closes_the_request(client, sheet):
    first, second = waiting(sheet)
    Email.objects.all().delete()

    client.post(page("reading_accept", first.pk))
    sheet.refresh_from_db()
    assert sheet.status == Status.REGISTERED
    assert not Email.objects.exists()
    client.post(page("reading_reject", second.pk), {"reason": "На фото другое число."})

    for row in (first, second, sheet):
        row.refresh_from_db()
    assert (first.state, second.state) == (ReadingState.ACCEPTED, ReadingState.REJECTED)
    assert second.decision_reason == "На фото другое число."
    assert sheet.status == Status.CLOSED
    assert Email.objects.filter(to=[sheet.owner.email]).count() == 1


def test_the_consumer_reads_why_a_meter_was_not_accepted(client, sheet):
    client.post(page("reading_reject", waiting(sheet)[0].pk), {"reason": "На фото другое число."})
    client.force_login(sheet.owner)

    assert "На фото другое число." in client.get(sheet.get_absolute_url()).content.decode()


def test_a_meter_of_a_table_is_corrected(client, sheet):
    row = waiting(sheet)[0]

    client.post(page("reading_correct", row.pk), {"zone_1": "5200", "reason": "По фото."})

    row.refresh_from_db()
    new = Reading.objects.current().of_month(NOVEMBER).get(meter=row.meter)
    assert (row.state, new.value, new.state, new.service_request) == (
        ReadingState.SUPERSEDED,
        5200,
        ReadingState.ACCEPTED,
        sheet,
    )


@pytest.mark.parametrize(
    ("name", "data", "field"),
    [
        ("reject", {}, "reason"),
        ("correct", {"zone_1": "пять", "reason": "х"}, "zone_1"),
        ("correct", {"zone_1": "1"}, "reason"),
        ("correct", {"zone_1": "1", "reason": "По фото."}, "is_sure"),
    ],
)
def test_a_decision_without_what_it_needs_is_refused_by_the_field(client, sheet, name, data, field):
    row = waiting(sheet)[0]

    response = client.post(page(f"reading_{name}", row.pk), data)

    assert list(response.context["form"].errors) == [field]
    row.refresh_from_db()
    assert row.state == ReadingState.IN_QUESTION


def test_the_second_of_two_operators_is_told(client, sheet):
    row = waiting(sheet)[0]
    actions.accept_meter(sheet, meter=row.meter, by=operator())

    response = client.post(page("reading_reject", row.pk), {"reason": "Нет."})

    assert "уже решено" in response.content.decode()
    row.refresh_from_db()
    assert row.state == ReadingState.ACCEPTED


def test_the_whole_rest_of_a_table_is_accepted_at_once(client, sheet):
    client.post(page("servicerequest_transition", sheet.pk, "approve"), {"submission_key": ""})

    sheet.refresh_from_db()
    assert sheet.status == Status.CLOSED
    assert not waiting(sheet)


@pytest.mark.parametrize("step", ["correct", "refuse", "match"])
def test_a_table_is_not_corrected_or_refused_as_a_whole(client, sheet, step):
    address = page("servicerequest_transition", sheet.pk, step)

    assert client.get(address).status_code == 200
    client.post(address, {"comment": "Нет."})

    sheet.refresh_from_db()
    assert sheet.status == Status.REGISTERED


def test_a_single_sending_has_no_page_of_a_table(client):
    meter = confirmed_meter()
    past(meter, until=5000)
    row = send_strange(meter, "9000", "right").readings.get()
    client.force_login(operator())

    assert client.get(page("reading_accept", row.pk)).status_code == 404


# -- A meter that was mistyped --------------------------------------------------------------------------------------


def test_a_mistyped_meter_is_found_by_the_contract_and_told_apart(client):
    meter = confirmed_meter()
    sender = ConsumerFactory().user
    sent = send_unknown(by=sender, serial="99 99", contract_number=meter.point.contract_number)
    client.force_login(operator())
    address = page("servicerequest_transition", sent.pk, "match")

    html = client.get(address).content.decode()
    client.post(address, {"meter": meter.pk, "month": "2026-11-01", "comment": ""})

    assert "номер другой" in html
    assert Reading.objects.current().of_month(NOVEMBER).get().meter == meter
    client.force_login(sender)
    assert meter.serial not in client.get(sent.get_absolute_url()).content.decode()  # still only what they typed
    assert not Reading.objects.visible_to(sender).exists()


@pytest.mark.parametrize(
    "fields", [{"meter_count": 0}, {"meter_count": 2, "typed_serial": "1", "typed_values": "2"}, {"meter_count": None}]
)
def test_a_sending_is_of_one_meter_of_many_or_of_words(sheet, fields):
    with pytest.raises(IntegrityError, match="meter_readings_known_or_typed"), transaction.atomic():
        MeterReadings.objects.filter(pk=sheet.pk).update(**fields)


# -- Control readings -----------------------------------------------------------------------------------------------

CONTROL = {"taken_on": "2026-11-23", "month": "2026-11-01", "source": "control", "reason": "Акт 12"}


def test_a_meter_is_found_and_its_control_reading_prevails(client):
    meter = confirmed_meter(serial="КОТ-778")
    past(meter, until=5000)
    given = send(meter, "5100").readings.get()
    client.force_login(operator())

    found = client.get(page("reading_control"), {"q": "кот778"}).context["meters"]
    response = client.post(page("reading_control_meter", meter.pk), {"zone_1": "5150", **CONTROL}, follow=True)

    assert found == [meter]
    given.refresh_from_db()
    now = Reading.objects.current().of_month(NOVEMBER).get(meter=meter)
    assert (given.state, now.value, now.source, now.replaces) == ("superseded", 5150, "control", given)
    assert "разница 50" in response.content.decode()


def test_a_new_meter_starts_from_what_it_showed(client):
    meter = confirmed_meter()
    client.force_login(operator())

    client.post(page("reading_control_meter", meter.pk), {**CONTROL, "zone_1": "12", "source": "initial"})
    given = send(meter, "62").readings.get()

    assert meter.readings.get(source="initial").period is None
    assert (given.previous_value, given.consumption_kwh) == (12, 50)
    again = client.post(page("reading_control_meter", meter.pk), {**CONTROL, "zone_1": "12", "source": "initial"})
    assert list(again.context["form"].errors) == ["source"]


@pytest.mark.parametrize(
    ("value", "more", "told"),
    [
        ("51500", {}, "больше обычного"),
        ("500", {}, "меньше прошлого"),
        ("500", {"rolled_over": "1"}, "меньше прошлого"),  # it would have gone almost all the way round
    ],
)
def test_an_unusual_control_reading_is_taken_with_a_tick(client, value, more, told):
    meter = confirmed_meter()
    past(meter, until=5000)
    client.force_login(operator())
    data = {**CONTROL, **more, "zone_1": value}

    asked = client.post(page("reading_control_meter", meter.pk), data)
    assert list(asked.context["form"].errors) == ["is_sure"]
    assert told in asked.content.decode().replace("&nbsp;", " ")
    assert not Reading.objects.of_month(NOVEMBER).exists()

    client.post(page("reading_control_meter", meter.pk), {**data, "is_sure": "on"})
    assert Reading.objects.of_month(NOVEMBER).get().value == int(value)


def test_a_control_reading_over_zero_is_nothing_unusual(client):
    meter = confirmed_meter(digits_before=5)
    past(meter, until=99_950)
    client.force_login(operator())

    client.post(page("reading_control_meter", meter.pk), {**CONTROL, "zone_1": "00130", "rolled_over": "1"})

    assert Reading.objects.of_month(NOVEMBER).get().consumption_kwh == 180


def test_a_control_reading_settles_what_waited(client):
    meter = confirmed_meter()
    past(meter, until=5000)
    sent = send_strange(meter, "9000", "right")
    client.force_login(operator())

    client.post(page("reading_control_meter", meter.pk), {"zone_1": "5150", **CONTROL})

    sent.refresh_from_db()
    assert sent.status == Status.WITHDRAWN


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("control", "учтено наше контрольное показание от 23 ноября"),
        ("remote", "учтено показание, снятое дистанционно, 23 ноября"),
        ("estimate", "учтён наш расчёт на 23 ноября"),
    ],
)
def test_whose_values_waited_is_told_that_ours_count_instead(client, source, told):
    meter = confirmed_meter()
    past(meter, until=5000)
    sent = send_strange(meter, "9000", "right")
    Email.objects.all().delete()
    client.force_login(operator())

    client.post(page("reading_control_meter", meter.pk), {"zone_1": "5150", **CONTROL, "source": source})

    letter = Email.objects.get(to=[sent.owner.email])
    assert letter.subject == f"Заявка № {sent.number}: вместо ваших показаний учтены наши"
    assert sent.number in letter.message
    assert "5150" not in letter.message
    client.force_login(sent.owner)
    html = plain(client.get(sent.get_absolute_url()))
    assert f"Вместо ваших показаний {told}." in html
    assert f"исправлено: {told}, 5 150" in html
    assert "Вместо ваших показаний учтены наши" in html  # in the history
    assert "Отозваны" not in html


def test_a_table_says_by_whom_its_values_were_replaced(client, sheet):
    first, second = waiting(sheet)
    usual = sheet.readings.accepted().get()
    colleague = ConsumerFactory().user
    AccessGrantFactory(user=colleague, status=GrantStatus.CONFIRMED, point=usual.meter.point)
    send(usual.meter, "5110", by=colleague, correction_reason="Ошибся в\N{NO-BREAK SPACE}цифре")
    Email.objects.all().delete()

    client.post(page("reading_control_meter", first.meter_id), {"zone_1": "5150", **CONTROL})
    assert not Email.objects.exists()  # there is one more to decide about
    client.post(page("reading_correct", second.pk), {"zone_1": "5200", "reason": "По фото."})

    assert Email.objects.filter(to=[sheet.owner.email]).count() == 1
    client.force_login(sheet.owner)
    html = plain(client.get(sheet.get_absolute_url()))
    assert "Исправлено: учтено наше контрольное показание от 23 ноября, 5 150<" in html
    assert "Исправлено: исправил специалист<" in html
    assert "Исправлено: другое передал ещё один пользователь с доступом к счётчику<" in html
    assert colleague.email not in html
    rows = csv.reader(io.StringIO(b"".join(client.get(sheet_table(sheet))).decode("utf-8-sig")), delimiter=";")
    assert "исправил специалист" in [row[-1] for row in rows]


def test_the_last_of_a_table_replaced_by_a_control_reading_is_told_once(client, sheet):
    for row in waiting(sheet):
        Email.objects.all().delete()
        client.post(page("reading_control_meter", row.meter_id), {"zone_1": "5150", **CONTROL})

    sheet.refresh_from_db()
    assert sheet.status == Status.CLOSED
    assert Email.objects.get().subject == f"Заявка № {sheet.number}: показания проверены"


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"zone_1": ""}, "zone_1"),
        ({"zone_1": "\0"}, "zone_1"),
        ({"taken_on": "2026-11-25"}, "taken_on"),
        ({"taken_on": "0001-01-01"}, "taken_on"),
        ({"taken_on": "2026-10-01"}, "__all__"),  # before the last reading
        ({"month": "1999-01-01"}, "month"),
        ({"month": "x"}, "month"),
        ({"source": "consumer"}, "source"),
        ({"reason": "д" * 301}, "reason"),
    ],
)
def test_a_control_reading_that_cannot_be_is_refused_by_the_field(client, changed, field):
    meter = confirmed_meter()
    past(meter, until=5000)
    client.force_login(operator())

    response = client.post(page("reading_control_meter", meter.pk), {"zone_1": "5150", **CONTROL, **changed})

    assert list(response.context["form"].errors) == [field]
    assert not Reading.objects.of_month(NOVEMBER).exists()


def test_a_control_reading_of_a_closed_month_is_refused(client):
    meter = confirmed_meter()
    reading(meter, 5100)
    actions.close_period(NOVEMBER, by=supervisor())
    client.force_login(operator())

    response = client.post(page("reading_control_meter", meter.pk), {"zone_1": "5150", **CONTROL})
    client.post(page("reading_control_meter", meter.pk), {"zone_1": "5150", **CONTROL, "month": "2026-12-01"})

    assert "месяц закрыт" in response.content.decode()
    assert Reading.objects.get(source="control").period.month == date(2026, 12, 1)
    assert client.get(page("reading_control_meter", meter.pk)).context["form"]["month"].value() == "2026-11-01"


# -- What is missing ------------------------------------------------------------------------------------------------


def test_meters_without_readings_are_listed_per_legal_form(client):
    person, company = confirmed_meter(), MeterFactory(point=SupplyPointFactory(inn="6166000060", ogrn="1026100000080"))
    sent, _remote = confirmed_meter(), confirmed_meter(is_remote=True)
    removed = confirmed_meter(removed_on=date(2026, 11, 1))
    send(sent, "100")
    client.force_login(operator())

    def missing(**query):
        response = client.get(page("reading_missing"), query)
        return {meter.pk for meter in response.context["page"]}, response.context

    everybody, context = missing()
    assert everybody == {person.pk, company.pk}
    assert [(line.state, line.missing) for line in context["lines"]] == [
        ("идёт приём", 1),
        ("ещё не\N{NO-BREAK SPACE}начат", 0),
        ("ещё не\N{NO-BREAK SPACE}начат", 1),
    ]
    assert missing(month="2026-11-01", legal_form="company")[0] == {company.pk}
    assert missing(month="2026-10-01", legal_form="person")[0] == {person.pk, sent.pk, removed.pk}  # it was there then
    assert removed.pk not in missing(month="2026-11-01")[0]  # whoever took it down has written down where it stood
    assert missing(month="nonsense", legal_form="x")[0] == everybody


@pytest.mark.parametrize("count", [1, 10])
def test_cost_of_what_is_missing_does_not_grow(client, count, django_assert_num_queries):
    for _ in range(count):
        past(confirmed_meter(), until=500)
    client.force_login(operator())

    with django_assert_num_queries(10):
        client.get(page("reading_missing"))


def test_what_is_missing_as_a_table(client):
    meter = confirmed_meter(point=SupplyPointFactory(consumer_name="=cmd|calc"))
    client.force_login(operator())

    text = b"".join(client.get(page("reading_missing_table"))).decode("utf-8-sig")

    [row] = csv.DictReader(io.StringIO(text), delimiter=";")
    assert (row["Номер счётчика"], row["Потребитель"], row["Личный кабинет"]) == (meter.serial, "'=cmd|calc", "да")


# -- Export ---------------------------------------------------------------------------------------------------------

COLUMNS = (
    "период;договор_или_ЛС;ИНН;потребитель;адрес;номер_ПУ;зона;дата_показания;предыдущее;текущее;разность;К;"
    "расход_кВтч;источник;признак;номер_обращения"
)


@pytest.fixture
def exported():
    point = SupplyPointFactory(inn="6166000060", ogrn="1026100000080", consumer_name="=1+1", contract_number="0012")
    meter = confirmed_meter(point=point, ratio=60, digits_after=1, serial="00042")
    past(meter, until=1000)
    return send(meter, "1000,5")


def test_the_csv_has_the_columns_of_billing(client, exported):
    client.force_login(operator())

    response = client.get(page("reading_table", "csv"), {"month": "2026-11-01", "state": "accepted"})
    content = b"".join(response)

    assert content.startswith(b"\xef\xbb\xbf")
    header, row, *rest = csv.reader(io.StringIO(content.decode("utf-8-sig")), delimiter=";")
    assert ";".join(header) == COLUMNS
    assert rest == []
    assert row == [
        "2026-11",
        "0012",
        "6166000060",
        "'=1+1",
        exported.object_address,
        "00042",
        "1",
        "24.11.2026",
        "1000",
        "1000,5",
        "0,5",
        "60",
        "30",
        "Потребитель",
        "",
        exported.number,
    ]


def test_the_xlsx_says_the_same_in_numbers(client, exported):
    client.force_login(operator())

    response = client.get(page("reading_table", "xlsx"), {"month": "2026-11-01", "state": "accepted"})
    header, row = openpyxl.load_workbook(io.BytesIO(b"".join(response))).active.iter_rows(values_only=True)

    assert ";".join(header) == COLUMNS
    assert row[1] == "0012"
    assert row[3] == "'=1+1"
    assert (row[7].date(), *row[8:13]) == (date(2026, 11, 24), 1000, 1000.5, 0.5, 60, 30)


def test_the_export_tells_how_many_rows_and_obeys_its_filters(client, exported):
    client.force_login(operator())
    asked = {"month": "2026-11-01", "state": "accepted"}

    def count(**more):
        return client.get(page("reading_export"), {**asked, **more}).context["count"]

    assert count() == 1
    assert count(legal_form="company") == 1
    assert count(legal_form="person") == 0
    assert count(source="control") == 0
    assert count(state="in_question") == 0
    assert count(month="2026-10-01") == 1
    assert count(month="x") is None


def test_the_words_of_a_strange_value_are_its_mark(client):
    meter = confirmed_meter()
    past(meter, until=99_950)
    send_strange(meter, "130", "rollover")
    client.force_login(operator())

    text = b"".join(client.get(page("reading_table", "csv"), {"month": "2026-11-01", "state": "in_question"}))

    assert "меньше прошлого, счётчик перешёл через ноль" in text.decode()


@pytest.mark.parametrize(("name", "month"), [("csv", "x"), ("pdf", "2026-11-01")])
def test_no_such_export(client, name, month):
    client.force_login(operator())

    assert client.get(page("reading_table", name), {"month": month, "state": "accepted"}).status_code == 404


def test_the_export_has_its_own_permission(client):
    colleague = StaffFactory()
    colleague.user_permissions.add(*_permissions("view_reading", "process_reading"))
    client.force_login(colleague)

    assert client.get(page("reading_changelist")).status_code == 200
    for name in ("reading_export", "reading_missing_table"):
        assert client.get(page(name)).status_code == 403
    assert client.get(page("reading_table", "csv")).status_code == 403


def test_who_only_looks_decides_nothing(client, sheet):
    row = waiting(sheet)[0]
    colleague = StaffFactory()
    colleague.user_permissions.add(*_permissions("view_reading"))
    client.force_login(colleague)

    assert client.get(page("reading_change", row.pk)).status_code == 200
    assert client.get(page("reading_control")).status_code == 403
    for name in ("accept", "reject", "correct"):
        assert client.post(page(f"reading_{name}", row.pk), {"reason": "х"}).status_code == 403


def _permissions(*codenames):
    from django.contrib.auth.models import Permission

    return Permission.objects.filter(codename__in=codenames)


# -- Months ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def november():
    reading(confirmed_meter(), 100)
    return ReadingPeriod.objects.get(month=NOVEMBER)


def test_a_month_is_closed_and_opened_again_with_a_log(client, november):
    client.force_login(supervisor())

    client.post(page("readingperiod_close", november.pk))
    november.refresh_from_db()
    assert november.is_closed
    without_reason = client.post(page("readingperiod_reopen", november.pk))
    client.post(page("readingperiod_reopen", november.pk), {"reason": "Ошибка в акте"})

    november.refresh_from_db()
    assert not november.is_closed
    assert list(without_reason.context["form"].errors) == ["reason"]
    assert list(PeriodChange.objects.values_list("is_closed", "reason")) == [(False, "Ошибка в акте"), (True, "")]
    assert "Ошибка в акте" in client.get(page("readingperiod_change", november.pk)).content.decode()


def test_a_month_with_questions_is_not_closed(client):
    meter = confirmed_meter()
    past(meter, until=5000)
    send_strange(meter, "9000", "right")
    november = ReadingPeriod.objects.get(month=NOVEMBER)
    client.force_login(supervisor())

    response = client.post(page("readingperiod_close", november.pk))

    assert "Сначала решите их" in response.content.decode()
    november.refresh_from_db()
    assert not november.is_closed


def test_an_operator_sees_months_and_does_not_close_them(client, november):
    client.force_login(operator())

    assert client.get(page("readingperiod_change", november.pk)).status_code == 200
    for name in ("close", "reopen"):
        assert client.post(page(f"readingperiod_{name}", november.pk), {"reason": "х"}).status_code == 403


# -- Windows --------------------------------------------------------------------------------------------------------


def window_form(window, **changed):
    rule = window.reminder_rule
    form = {
        "from_day": window.from_day,
        "to_day": window.to_day,
        "advised_from": window.advised_from or "",
        "reminder_rule-TOTAL_FORMS": 1,
        "reminder_rule-INITIAL_FORMS": 1,
        "reminder_rule-0-id": rule.pk,
        "reminder_rule-0-window": window.pk,
        "reminder_rule-0-days_before": rule.days_before,
    }
    return {**form, **changed}


def test_a_window_and_its_reminder_are_edited_by_the_supervisor(client):
    window = ReadingWindow.objects.get(legal_form="person")
    client.force_login(supervisor())

    client.post(
        page("readingwindow_change", window.pk), window_form(window, to_day=26, **{"reminder_rule-0-days_before": 5})
    )

    window = ReadingWindow.objects.get(legal_form="person")
    assert (window.to_day, window.reminder_rule.days_before) == (26, 5)


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"to_day": 3}, "to_day"),
        ({"from_day": 0}, "from_day"),
        ({"to_day": 32}, "to_day"),
        ({"advised_from": 2}, "advised_from"),
        ({"as_of_next_first": "on"}, "as_of_next_first"),
    ],
)
def test_a_window_that_cannot_be_is_refused_by_the_field(client, changed, field):
    window = ReadingWindow.objects.get(legal_form="person")
    client.force_login(supervisor())

    response = client.post(page("readingwindow_change", window.pk), window_form(window, **changed))

    assert field in response.context["adminform"].form.errors
    assert ReadingWindow.objects.get(legal_form="person").to_day == window.to_day


def test_a_reminder_is_not_earlier_than_the_table_allows(client):
    window = ReadingWindow.objects.get(legal_form="person")
    client.force_login(supervisor())

    data = window_form(window, **{"reminder_rule-0-days_before": 29})
    response = client.post(page("readingwindow_change", window.pk), data)

    [inline] = response.context["inline_admin_formsets"]
    assert [list(form.errors) for form in inline.formset.forms] == [["days_before"]]


# -- Methods --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["reading_missing", "reading_missing_table", "reading_export", "reading_control"])
def test_what_is_only_read_takes_no_post(client, name):
    client.force_login(operator())

    assert client.post(page(name)).status_code == 405


@pytest.mark.parametrize("name", ["reading_accept", "reading_reject", "reading_correct"])
def test_looking_at_a_decision_changes_nothing(client, sheet, name):
    before = waiting(sheet)

    assert client.get(page(name, before[0].pk)).status_code == 200
    assert client.put(page(name, before[0].pk)).status_code == 405
    assert waiting(sheet) == before

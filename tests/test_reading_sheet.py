"""Readings of many meters by one table: all or nothing, by the rules of the form."""

import csv
import io
from datetime import UTC, date, datetime, timedelta

import openpyxl
import pytest
import time_machine
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone
from post_office.models import Email

from accounts.models import LegalForm
from requests_app import actions
from requests_app.lifecycle import Status
from requests_app.models import (
    GrantStatus,
    Reading,
    ReadingPeriod,
    ReadingSheet,
    ReadingState,
    ServiceRequest,
)
from requests_app.models.attachment import private_storage
from requests_app.reading_rules import Answer
from requests_app.services.meter_readings.sheet.columns import HEADER
from tests.factories import AccessGrantFactory, ConsumerFactory, MeterFactory
from tests.files import picture, upload
from tests.reading_sheets import TITLES, csv_file, meters, send_sheet, uploaded, xlsx_file
from tests.readings import NOVEMBER, confirmed_meter, operator, reading, send, supervisor

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _in_the_window():
    with time_machine.travel(NOON, tick=False):
        yield


def previewed(client, owner, *rows, file=None):
    return client.get(uploaded(client, owner, file or csv_file(*rows))).context


def problems(client, owner, *rows, file=None):
    """(row of the file, message) as the page says."""
    return [(problem.row, problem.message) for problem in previewed(client, owner, *rows, file=file)["plan"].problems]


# -- The blank ------------------------------------------------------------------------------------------------------


def test_the_blank_has_every_meter_with_its_last_reading(client):
    owner, [first, second] = meters(2)
    client.force_login(owner)

    response = client.get(reverse("requests:sheet_blank_xlsx"))
    rows = list(openpyxl.load_workbook(io.BytesIO(b"".join(response))).active.iter_rows(values_only=True))

    assert list(rows[0]) == HEADER
    assert [row[2] for row in rows[1:]] == [first.serial, second.serial]
    assert (rows[1][4], rows[1][5].date(), *rows[1][6:]) == (5000, date(2026, 10, 20), None, None, None)


def test_the_blank_has_a_row_for_each_zone_and_no_meter_that_is_not_sent(client):
    owner, [meter] = meters(1, zones=2)
    confirmed_meter(owner=owner, is_remote=True)
    confirmed_meter(owner=owner, removed_on=date(2026, 1, 1))
    confirmed_meter()  # a stranger's
    client.force_login(owner)

    text = b"".join(client.get(reverse("requests:sheet_blank_csv"))).decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text), delimiter=";"))

    assert [(row["Номер счётчика"], row["Зона"]) for row in rows] == [
        (meter.serial, "T1 (день)"),
        (meter.serial, "T2 (ночь)"),
    ]


def test_a_filled_blank_comes_back_as_it_was(client):
    owner, _ = meters(1, zones=2, serial="=1+1")
    client.force_login(owner)
    book = openpyxl.load_workbook(io.BytesIO(b"".join(client.get(reverse("requests:sheet_blank_xlsx")))))
    assert book.active["C2"].value == "'=1+1"  # no formula
    book.active["G2"], book.active["G3"] = 5100, 5090
    content = io.BytesIO()
    book.save(content)

    sheet = send_sheet(client, owner, upload("заполнено.xlsx", content.getvalue()))

    assert sorted(sheet.service_request.readings.values_list("zone", "value")) == [(1, 5100), (2, 5090)]


@pytest.mark.parametrize("count", [1, 10])
def test_cost_of_the_blank_does_not_grow(client, count, django_assert_num_queries):
    owner, _ = meters(count)
    client.force_login(owner)

    with django_assert_num_queries(8):
        b"".join(client.get(reverse("requests:sheet_blank_csv")))


# -- Sending --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("made", [csv_file, xlsx_file])
def test_all_meters_become_one_request(client, made):
    owner, [first, second] = meters(2)
    file = made((first.serial, "", 5100, "", ""), (second.serial, "", "005 120", "22.11.2026", ""))

    sheet = send_sheet(client, owner, file)

    sent = sheet.service_request
    assert (sent.status, sent.detail.meter_count, sent.detail.month) == (Status.CLOSED, 2, NOVEMBER)
    assert sorted(sent.readings.values_list("meter", "value", "consumption_kwh", "taken_on")) == sorted(
        [(first.pk, 5100, 100, date(2026, 11, 24)), (second.pk, 5120, 120, date(2026, 11, 22))]
    )
    assert Email.objects.filter(to=[owner.email]).count() == 1
    assert sheet.file.name == ""


def test_what_would_be_written_is_shown_before(client):
    owner, [meter] = meters(1, ratio=20)

    page = client.get(uploaded(client, owner, csv_file((meter.serial, "", "5100", "", "")))).content.decode()

    for cell in (
        '"Дата">24\N{NO-BREAK SPACE}ноября',
        '"Было">5\N{NO-BREAK SPACE}000',
        '"кВт·ч">2\N{NO-BREAK SPACE}000',
    ):
        assert f"data-label={cell}</td>" in page


def test_the_file_is_gone_once_it_is_sent(client, django_capture_on_commit_callbacks):
    owner, [meter] = meters(1)
    url = uploaded(client, owner, csv_file((meter.serial, "", 5100, "", "")))
    stored = ReadingSheet.objects.get().file.name
    assert private_storage().exists(stored)

    with django_capture_on_commit_callbacks(execute=True):
        client.post(url)

    assert not private_storage().exists(stored)


def test_sending_twice_is_once(client):
    owner, [meter] = meters(1)
    url = uploaded(client, owner, csv_file((meter.serial, "", 5100, "", "")))
    key = client.get(url).context["form"].key

    first = client.post(url, {"submission_key": key})
    second = client.post(url, {"submission_key": key})

    assert first.url == second.url == ServiceRequest.objects.get().get_absolute_url()
    assert Reading.objects.of_month(NOVEMBER).count() == 1


def test_rows_without_a_value_are_left_out_and_the_same_values_are_not_sent_again(client):
    owner, [first, second, third] = meters(3)
    send(first, "5100")

    plan = previewed(
        client,
        owner,
        (first.serial, "", "5100", "", ""),
        (second.serial, "", "", "", ""),
        (third.serial, "", "5100", "", ""),
    )["plan"]

    assert (plan.lines.rows, plan.lines.empty, plan.same, len(plan.sendings)) == (3, 1, 1, 1)


@pytest.mark.parametrize(("taken_on", "same"), [("2026-12-20", 0), ("2026-11-28", 1)])
def test_a_value_read_before_the_month_is_taken_again_of_a_later_day(client, taken_on, same):
    owner, [meter] = meters(1)
    with time_machine.travel(datetime(2026, 11, 28, 9, tzinfo=UTC), tick=False):
        send(meter, "5100", by=owner)

    with time_machine.travel(datetime(2026, 12, 20, 9, tzinfo=UTC), tick=False):
        plan = previewed(client, owner, (meter.serial, "", "5100", taken_on, ""))["plan"]

    assert (plan.problems, plan.same, len(plan.sendings)) == ([], same, 1 - same)


def test_with_nothing_to_send_there_is_no_button(client):
    owner, [meter] = meters(1)
    url = uploaded(client, owner, csv_file((meter.serial, "", "", "", "")))

    html = client.get(url).content.decode()
    client.post(url)

    assert "Передавать нечего" in html
    assert not ServiceRequest.objects.exists()


def test_another_value_is_a_correction_and_says_why(client):
    owner, [meter] = meters(1)
    old = send(meter, "5100").readings.get()
    url = uploaded(client, owner, csv_file((meter.serial, "", "5090", "", "")))

    refused = client.post(url)
    client.post(url, {"correction_reason": "Другая причина"})

    assert list(refused.context["form"].errors) == ["correction_reason"]
    old.refresh_from_db()
    new = Reading.objects.current().of_month(NOVEMBER).get(meter=meter)
    assert (old.state, new.replaces, new.correction_reason) == (ReadingState.SUPERSEDED, old, "Другая причина")


def test_the_next_month_is_counted_anew_when_a_reopened_one_gets_other_values(client):
    owner, [meter] = meters(1)
    reading(
        meter,
        5300,
        month=date(2026, 12, 1),
        day=1,
        previous_value=5000,
        previous_on=date(2026, 10, 20),
        consumption_kwh=300,
    )

    send_sheet(client, owner, csv_file((meter.serial, "", "5100", "", "")))

    assert Reading.objects.get(period__month=date(2026, 12, 1)).consumption_kwh == 200


@pytest.mark.parametrize("count", [2, 12])
def test_cost_of_looking_and_sending_does_not_grow(client, count, django_assert_max_num_queries):
    owner, found = meters(count)
    url = uploaded(client, owner, csv_file(*((meter.serial, "", "5100", "", "") for meter in found)))

    with django_assert_max_num_queries(17):
        client.get(url)
    with django_assert_max_num_queries(55):
        client.post(url)

    assert Reading.objects.of_month(NOVEMBER).count() == count


# -- Hard errors ----------------------------------------------------------------------------------------------------


def test_one_wrong_row_and_nothing_is_written(client):
    owner, [first, second] = meters(2)
    file = csv_file((first.serial, "", "5100", "", ""), (second.serial, "", "пять тысяч", "", ""))

    url = uploaded(client, owner, file)
    page = client.post(url)

    assert [problem.row for problem in page.context["plan"].problems] == [3]
    assert "Введите только цифры" in page.content.decode()
    assert not ServiceRequest.objects.exists()
    assert not Reading.objects.of_month(NOVEMBER).exists()


def test_a_strangers_meter_is_told_from_an_unknown_one_by_nothing(client):
    owner, _ = meters(1)
    stranger = confirmed_meter()
    asked = MeterFactory()
    AccessGrantFactory(user=owner, meter_serial=asked.serial, status=GrantStatus.ASKED)

    found = problems(
        client,
        owner,
        (stranger.serial, "", "5100", "", ""),
        (asked.serial, "", "5100", "", ""),
        ("99999999", "", "5100", "", ""),
    )

    assert found[0][1] == found[1][1] == found[2][1]
    assert "нет среди ваших" in found[0][1]


@pytest.mark.parametrize(
    ("value", "day", "words"),
    [
        ("-5", "", "меньше нуля"),
        ("1234567", "", "до\N{NO-BREAK SPACE}запятой"),
        ("٣٤٥", "", "только цифры"),
        ("1" * 300, "", "только цифры"),
        ("5100", "25.11.2026", "не\N{NO-BREAK SPACE}наступил"),
        ("5100", "19.10.2026", "не\N{NO-BREAK SPACE}могут быть раньше"),
        ("5100", "31.02.2026", "не\N{NO-BREAK SPACE}понятна"),
        ("5100", "завтра", "не\N{NO-BREAK SPACE}понятна"),
    ],
)
def test_what_the_form_refuses_the_table_refuses(client, value, day, words):
    owner, [meter] = meters(1)

    [(row, message)] = problems(client, owner, (meter.serial, "", value, day, ""))

    assert row == 2
    assert words in message


def test_a_first_reading_is_not_of_years_ago(client):
    owner = ConsumerFactory().user
    meter = confirmed_meter(owner=owner, installed_on=None)

    [(_, message)] = problems(client, owner, (meter.serial, "", "10", "24.11.2016", ""))

    assert "больше года" in message


def test_removed_and_remote_meters_are_refused(client):
    owner, _ = meters(1)
    removed = confirmed_meter(owner=owner, removed_on=date(2026, 5, 1))
    remote = confirmed_meter(owner=owner, is_remote=True)

    found = problems(client, owner, (removed.serial, "", "10", "", ""), (remote.serial, "", "10", "", ""))

    assert [("снят" in message, "дистанционно" in message) for _, message in found] == [(True, False), (False, True)]


def test_a_value_below_the_control_reading_is_refused(client):
    owner, [meter] = meters(1)
    actions.record_control_reading(
        meter=meter, values={1: 5150}, taken_on=date(2026, 11, 20), month=NOVEMBER, by=operator()
    )

    [(_, message)] = problems(client, owner, (meter.serial, "", "5100", "", ""))

    assert "Наш сотрудник снял" in message


def test_zones_are_sent_together_and_once(client):
    owner, [first, second] = meters(2, zones=2)

    found = problems(
        client,
        owner,
        (first.serial, "T1 (день)", "5100", "", ""),
        (second.serial, "день", "5100", "", ""),
        (second.serial, "Т2", "5100", "", ""),
        (second.serial, "2", "5200", "", ""),
        (second.serial, "T3", "5200", "", ""),
        (second.serial, "", "5200", "", ""),
    )

    assert [row for row, _ in found] == [2, 5, 6, 7]
    assert "нет показания T2" in found[0][1]
    assert "уже есть в\N{NO-BREAK SPACE}строке 4" in found[1][1]


def test_a_wrong_zone_is_one_problem_and_not_two(client):
    owner, [first, second] = meters(2, zones=2)

    found = problems(
        client,
        owner,
        (first.serial, "", "5100", "", ""),
        (second.serial, "T1", "5100", "", ""),
        (second.serial, "вечер", "5100", "", ""),
    )

    assert [row for row, _ in found] == [2, 4]
    assert "Укажите зону" in found[0][1]
    assert "«вечер»" in found[1][1]


@pytest.mark.parametrize(
    ("moment", "told"), [("2026-11-27 12:00+03:00", "сегодня"), ("2026-12-02 12:00+03:00", "1 декабря")]
)
def test_the_page_says_what_an_empty_day_means(client, moment, told):
    owner = ConsumerFactory(legal_form=LegalForm.COMPANY).user
    confirmed_meter(owner=owner)
    client.force_login(owner)

    with time_machine.travel(moment, tick=False):
        page = client.get(reverse("requests:sheet_upload")).content.decode().replace("&nbsp;", " ")

    assert f"Пусто — {told}." in page.replace("\N{NO-BREAK SPACE}", " ")


def test_of_two_meters_with_one_number_contract_and_address_tell_which(client):
    owner, [first] = meters(1, serial="777")
    _, [second] = meters(1, owner=owner, serial="777")
    titles = ["Договор", *TITLES]

    [(_, message)] = problems(client, owner, (("777", "", "5100", "", "")))
    context = previewed(
        client, owner, file=csv_file((second.point.contract_number, "777", "", "5100", "", ""), titles=titles)
    )

    assert "Укажите договор" in message
    assert [sending.entry.meter for sending in context["plan"].sendings] == [second]
    assert first != second


def test_zeros_that_excel_took_from_the_number_do_not_matter(client):
    owner, [meter] = meters(1, serial="00123")

    plan = previewed(client, owner, file=xlsx_file((123, "", 5100, "", "")))["plan"]

    assert [sending.entry.meter for sending in plan.sendings] == [meter]


@pytest.mark.parametrize(
    "content",
    [b"", b"\0\1\2", b"PK\x03\x04 no archive", "Что-то другое;Столбец\r\n1;2".encode(), ";".join(TITLES).encode()],
)
def test_what_is_no_table_is_said_by_the_field(client, content):
    owner, _ = meters(1)
    client.force_login(owner)

    response = client.post(reverse("requests:sheet_upload"), {"file": upload("плохо.csv", content)})

    assert response.status_code == 200
    assert list(response.context["form"].errors) == ["file"]
    assert not ReadingSheet.objects.exists()


def test_a_file_that_is_gone_is_asked_for_again(client):
    owner, [meter] = meters(1)
    url = uploaded(client, owner, csv_file((meter.serial, "", "5100", "", "")))
    private_storage().delete(ReadingSheet.objects.get().file.name)

    assert "уже удалён" in client.get(url).content.decode()
    assert client.post(url).status_code == 200


# -- Questions ------------------------------------------------------------------------------------------------------


def test_a_question_is_listed_and_must_be_answered(client):
    owner, [usual, strange] = meters(2)
    url = uploaded(client, owner, csv_file((usual.serial, "", "5100", "", ""), (strange.serial, "", "9000", "", "")))
    name = f"answer_{strange.pk}_1"

    page = client.get(url)
    refused = client.post(url)
    sent = client.post(url, {name: "right", "files": [upload("Счётчик.jpg", picture())]})

    assert "больше обычного" in page.content.decode()
    assert list(refused.context["form"].errors) == [name]
    service_request = ServiceRequest.objects.get()
    assert sent.url == service_request.get_absolute_url()
    assert service_request.status == Status.REGISTERED
    states = dict(service_request.readings.values_list("meter", "state"))
    assert states == {usual.pk: ReadingState.ACCEPTED, strange.pk: ReadingState.IN_QUESTION}
    assert service_request.attachments.count() == 1


@pytest.mark.parametrize(
    ("value", "words", "answer"),
    [
        ("9000", "Всё верно", Answer.RIGHT),
        ("100", "переход через ноль", Answer.ROLLOVER),
        ("100", "замена", Answer.REPLACED),
    ],
)
def test_the_file_itself_may_answer(client, value, words, answer):
    owner, [meter] = meters(1)

    sheet = send_sheet(client, owner, csv_file((meter.serial, "", value, "", words)))

    row = sheet.service_request.readings.get()
    assert (row.state, row.answer) == (ReadingState.IN_QUESTION, answer)


def test_an_answer_to_another_question_is_none(client):
    owner, [meter] = meters(1)

    plan = previewed(client, owner, (meter.serial, "", "100", "", "верно"))["plan"]

    assert [asked.row for asked in plan.unanswered] == [2]


def test_an_explanation_that_says_nothing_is_an_error(client):
    owner, [meter] = meters(1)

    [(_, message)] = problems(client, owner, (meter.serial, "", "5100", "", "=HYPERLINK()"))

    assert "Пояснение" in message


def test_more_questions_than_a_page_takes_are_answered_in_the_file(client, monkeypatch):
    monkeypatch.setattr("requests_app.services.meter_readings.sheet.form.MAX_ASKED", 1)
    owner, found = meters(2)
    url = uploaded(client, owner, csv_file(*((meter.serial, "", "9000", "", "") for meter in found)))

    html = client.get(url).content.decode()
    client.post(url)

    assert "в&nbsp;столбце «Пояснение»" in html
    assert not ServiceRequest.objects.exists()


def test_that_the_verification_has_ended_is_acknowledged_once(client):
    owner, found = meters(2, verified_until=date(2026, 1, 1))
    url = uploaded(client, owner, csv_file(*((meter.serial, "", "5100", "", "") for meter in found)))

    refused = client.post(url)
    client.post(url, {"unverified": "on"})

    assert list(refused.context["form"].errors) == ["unverified"]
    assert ServiceRequest.objects.get().status == Status.CLOSED


# -- What changed between looking and sending -----------------------------------------------------------------------


def test_a_grant_revoked_meanwhile_stops_everything(client):
    owner, [first, second] = meters(2)
    url = uploaded(client, owner, csv_file((first.serial, "", "5100", "", ""), (second.serial, "", "5100", "", "")))
    grant = second.point.grants.get()
    actions.revoke_access(grant, reason="Продан", by=supervisor())

    page = client.post(url)

    assert [problem.row for problem in page.context["plan"].problems] == [3]
    assert not ServiceRequest.objects.exists()


def test_what_was_recorded_between_check_and_writing_is_not_overwritten(client, monkeypatch):
    owner, [meter] = meters(1)
    url = uploaded(client, owner, csv_file((meter.serial, "", "5100", "", "")))
    real = actions.send_reading_sheet

    def overtaken(*, form, by):
        send(meter, "5120")
        return real(form=form, by=by)

    monkeypatch.setattr(actions, "send_reading_sheet", overtaken)
    page = client.post(url)

    assert "записали другие показания" in page.content.decode()
    assert Reading.objects.current().of_month(NOVEMBER).get().value == 5120
    assert ReadingSheet.objects.get().service_request is None


def test_a_month_closed_between_check_and_writing_takes_nothing(client, monkeypatch):
    owner, [meter] = meters(1)
    url = uploaded(client, owner, csv_file((meter.serial, "", "5100", "", "")))
    real = actions.send_reading_sheet

    def closed(*, form, by):
        ReadingPeriod.objects.get_or_create(month=NOVEMBER)
        actions.close_period(NOVEMBER, by=supervisor())
        return real(form=form, by=by)

    monkeypatch.setattr(actions, "send_reading_sheet", closed)
    page = client.post(url)

    assert "только что закрыли" in page.content.decode()
    assert not ServiceRequest.objects.exists()


def test_a_month_that_ended_since_the_page_was_looked_at_is_told(client):
    owner, [meter] = meters(1)
    url = uploaded(client, owner, csv_file((meter.serial, "", "5100", "24.11.2026", "")))
    promised = {"promised_month": client.get(url).context["form"]["promised_month"].value()}

    with time_machine.travel(datetime(2026, 11, 25, 21, 0, 0, tzinfo=UTC), tick=False):
        page = client.post(url, promised)
        sent_after_reading = {"promised_month": page.context["form"]["promised_month"].value()}
        assert not ServiceRequest.objects.exists()
        client.post(url, sent_after_reading)

    assert "учтём за\N{NO-BREAK SPACE}декабрь" in page.content.decode()
    assert ServiceRequest.objects.get().detail.month == date(2026, 12, 1)


def test_a_table_in_place_of_what_waited_closes_its_request(client):
    owner, [meter] = meters(1)
    first = send_sheet(client, owner, csv_file((meter.serial, "", "9000", "", "верно"))).service_request

    send_sheet(client, owner, csv_file((meter.serial, "", "5100", "", "")), correction_reason="Другая причина")

    first.refresh_from_db()
    assert first.status == Status.CLOSED
    assert Reading.objects.current().of_month(NOVEMBER).get().value == 5100


# -- Access ---------------------------------------------------------------------------------------------------------


def test_anothers_table_is_not_found(client):
    owner, [meter] = meters(1)
    url = uploaded(client, owner, csv_file((meter.serial, "", "5100", "", "")))
    client.force_login(ConsumerFactory(agreed=True).user)

    assert client.get(url).status_code == client.post(url).status_code == 404
    assert not ServiceRequest.objects.exists()


@pytest.mark.parametrize("name", ["sheet_upload", "sheet_blank_csv", "sheet_blank_xlsx"])
def test_staff_are_led_to_their_desk(client, name):
    client.force_login(operator())

    assert client.get(reverse(f"requests:{name}")).url == reverse("admin:index")


@pytest.mark.parametrize("name", ["sheet_blank_csv", "sheet_blank_xlsx"])
def test_the_blank_is_only_read(client, name):
    owner, _ = meters(1)
    client.force_login(owner)

    assert client.post(reverse(f"requests:{name}")).status_code == 405


def test_the_way_there_is_on_the_page_of_readings_for_several_meters(client):
    owner, _ = meters(2)
    alone, _ = meters(1)
    link = reverse("requests:sheet_upload")
    client.force_login(owner)
    several = client.get(reverse("requests:meters")).content.decode()
    client.force_login(alone)

    assert link in several
    assert link not in client.get(reverse("requests:meters")).content.decode()


def test_the_page_of_the_request_shows_the_rows_and_gives_them_as_a_table(client):
    owner, [first, second] = meters(2)
    sent = send_sheet(
        client, owner, csv_file((first.serial, "", "5100", "", ""), (second.serial, "", "5120", "", ""))
    ).service_request

    html = client.get(sent.get_absolute_url()).content.decode()
    text = b"".join(client.get(reverse("requests:sheet_sent", args=[sent.number]))).decode("utf-8-sig")

    assert first.serial in html
    assert [row["Показание"] for row in csv.DictReader(io.StringIO(text), delimiter=";")] == ["5100,000", "5120,000"]


def test_the_receipt_names_how_many_meters(client):
    owner, found = meters(2)
    rows = [(meter.serial, "", "5100", "", "") for meter in found]
    sent = send_sheet(client, owner, csv_file(*rows)).service_request

    html = client.get(reverse("requests:receipt", args=[sent.number])).content.decode()

    assert "Счётчиков в\N{NO-BREAK SPACE}таблице</dt><dd>2</dd>" in html.replace("<p>", "").replace("</p>", "")
    assert sent.number in html


def test_after_access_is_revoked_the_rows_are_not_shown(client):
    owner, [meter] = meters(1)
    sent = send_sheet(client, owner, csv_file((meter.serial, "", "5100", "", ""))).service_request
    actions.revoke_access(meter.point.grants.get(), reason="Продан", by=supervisor())

    html = client.get(sent.get_absolute_url()).content.decode()
    text = b"".join(client.get(reverse("requests:sheet_sent", args=[sent.number]))).decode("utf-8-sig")

    assert "больше не&nbsp;видны" in html
    assert len(text.splitlines()) == 1


def test_the_rows_of_anothers_request_are_not_found(client):
    owner, [meter] = meters(1)
    sent = send_sheet(client, owner, csv_file((meter.serial, "", "5100", "", ""))).service_request
    alone = send(confirmed_meter(owner=owner), "10")  # not a table
    client.force_login(owner)
    assert client.get(reverse("requests:sheet_sent", args=[alone.number])).status_code == 404

    client.force_login(ConsumerFactory(agreed=True).user)
    assert client.get(reverse("requests:sheet_sent", args=[sent.number])).status_code == 404


# -- Kept files -----------------------------------------------------------------------------------------------------


def test_tables_that_nobody_sent_are_removed(client):
    owner, [meter] = meters(1)
    uploaded(client, owner, csv_file((meter.serial, "", "5100", "", "")))
    ReadingSheet.objects.update(uploaded_at=timezone.now() - timedelta(hours=25))

    call_command("cleanup_files", verbosity=0)

    assert not ReadingSheet.objects.exists()


def test_only_the_newest_tables_of_a_person_are_kept(client):
    owner, [meter] = meters(1)
    for value in range(5100, 5106):
        uploaded(client, owner, csv_file((meter.serial, "", value, "", "")))

    assert ReadingSheet.objects.count() == 3

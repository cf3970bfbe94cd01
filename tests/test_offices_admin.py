"""The desk of offices: the sheet of a day, closing a day, hours that change under somebody's visit."""

import json
import re
from datetime import date, time

import pytest
import time_machine
from django.contrib.admin.models import LogEntry
from django.urls import reverse
from post_office.models import Email

from requests_app.lifecycle import Status
from requests_app.models import CalendarDay, ServiceRequest
from requests_app.services.appointment.models import Appointment, VisitState
from requests_app.services.appointment.offices import ClosedDay, Office
from tests.factories import StaffFactory
from tests.visits import booked, free_times, make_office, moscow, slot_at

pytestmark = pytest.mark.django_db

TUESDAY, WEDNESDAY, THURSDAY = date(2026, 11, 24), date(2026, 11, 25), date(2026, 11, 26)


@pytest.fixture(autouse=True)
def _on_tuesday_morning():
    with time_machine.travel(moscow(TUESDAY, 9), tick=False):
        yield


@pytest.fixture
def office():
    return make_office()


def log_in(client, group="supervisor"):
    client.force_login(StaffFactory(group=group))
    return client


def address(office, name, *parts):
    return reverse(f"admin:requests_app_office_{name}", args=[office.pk, *parts])


def text_of(response):
    return response.content.decode().replace("\N{NO-BREAK SPACE}", " ").replace("&nbsp;", " ")


def state_of(service_request):
    return Appointment.objects.get(pk=service_request.pk).state


# -- The sheet of a day ---------------------------------------------------------------------------------------------


def test_the_sheet_tells_who_comes_in_order_of_time(client, office):
    booked(slot=slot_at(office, WEDNESDAY, 14), visitor="Вторая Вера", needs="step_free", comment="Договор ЭС-118")
    booked(slot=slot_at(office, WEDNESDAY, 10), visitor="Первый Пётр", topic="connection")
    booked(slot=slot_at(office, THURSDAY, 10), visitor="Завтрашний Захар")

    html = text_of(log_in(client, "operator").get(address(office, "day", "2026-11-25")))

    assert html.index("Первый Пётр") < html.index("Вторая Вера")
    for words in (
        "10:00–10:20",
        "8 (863) 250-31-02",
        "Технологическое присоединение",
        "Помощь у входа",
        "Договор ЭС-118",
    ):
        assert words in html
    assert "Завтрашний" not in html
    assert "data-print" in html


def test_a_visitor_that_came_is_marked_with_one_press(client, office):
    service_request = booked(slot=slot_at(office, WEDNESDAY, 10), visitor="Первый Пётр")
    page = address(office, "day", "2026-11-25")

    with time_machine.travel(moscow(WEDNESDAY, 10, 5), tick=False):
        log_in(client, "operator")
        shown = text_of(client.get(page))
        response = client.post(page, {"visit": service_request.pk, "mark": "came"}, follow=True)

    assert re.search(r'name="mark" value="came">Пришёл', shown)
    assert "Приём состоялся." in text_of(response)
    assert state_of(service_request) == VisitState.CAME
    assert ServiceRequest.objects.get().status_changes.last().by.is_staff


def test_there_is_no_mark_before_its_time(client, office):
    service_request = booked(slot=slot_at(office, WEDNESDAY, 10))
    page = address(log_in(client, "operator") and office, "day", "2026-11-25")

    response = client.post(page, {"visit": service_request.pk, "mark": "missed"}, follow=True)

    assert 'name="mark"' not in text_of(response)
    assert "недоступен" in text_of(response)
    assert state_of(service_request) == VisitState.BOOKED


def test_the_second_mark_is_told_and_changes_nothing(client, office):
    service_request = booked(slot=slot_at(office, WEDNESDAY, 10))
    page = address(office, "day", "2026-11-25")

    with time_machine.travel(moscow(WEDNESDAY, 11), tick=False):
        log_in(client, "operator")
        client.post(page, {"visit": service_request.pk, "mark": "came"})
        response = client.post(page, {"visit": service_request.pk, "mark": "missed"}, follow=True)

    assert "Статус заявки уже другой: «Завершена»" in text_of(response)
    assert state_of(service_request) == VisitState.CAME


def test_a_mark_set_by_mistake_is_put_right_and_a_note_tells_so(client, office):
    service_request = booked(slot=slot_at(office, WEDNESDAY, 10))
    page = address(office, "day", "2026-11-25")

    with time_machine.travel(moscow(WEDNESDAY, 11), tick=False):
        log_in(client, "operator")
        client.post(page, {"visit": service_request.pk, "mark": "missed"})
        shown = text_of(client.get(page))
        for _ in range(2):  # a double click
            response = client.post(page, {"visit": service_request.pk, "mark": "fix_came"}, follow=True)

    assert "Исправить: пришёл" in shown
    assert "Отметка исправлена." in text_of(response)
    assert state_of(service_request) == VisitState.CAME
    (note,) = service_request.messages.all()
    assert (note.audience, note.body) == ("staff", "Отметка исправлена: приём состоялся")


def test_a_visit_without_a_mark_has_nothing_to_put_right(client, office):
    service_request = booked(slot=slot_at(office, WEDNESDAY, 10))
    log_in(client)

    response = client.post(
        address(office, "day", "2026-11-25"), {"visit": service_request.pk, "mark": "fix_came"}, follow=True
    )

    assert "Отметки у этого визита ещё нет" in text_of(response)
    assert state_of(service_request) == VisitState.BOOKED


@pytest.mark.parametrize("mark", ["call_off", "cancel", "\0", ""])
def test_only_marks_can_be_set_on_the_sheet(client, office, mark):
    service_request = booked(slot=slot_at(office, WEDNESDAY, 10))
    log_in(client)

    response = client.post(
        address(office, "day", "2026-11-25"), {"visit": service_request.pk, "mark": mark}, follow=True
    )

    assert "Такой записи на этой странице нет." in text_of(response)
    assert state_of(service_request) == VisitState.BOOKED


@pytest.mark.parametrize("visit", ["another day", "another office", "9" * 40, "\0", "x"])
def test_a_visit_of_another_page_is_not_marked_here(client, office, visit):
    strangers = {
        "another day": lambda: booked(slot=slot_at(office, THURSDAY, 10)).pk,
        "another office": lambda: booked(slot=slot_at(make_office(name="Другой"), WEDNESDAY, 10)).pk,
    }
    key = strangers.get(visit, lambda: visit)()

    with time_machine.travel(moscow(THURSDAY, 16), tick=False):
        log_in(client)
        response = client.post(address(office, "day", "2026-11-25"), {"visit": key, "mark": "came"}, follow=True)

    assert "Такой записи на этой странице нет." in text_of(response)
    assert not Appointment.objects.exclude(state=VisitState.BOOKED).exists()


@pytest.mark.parametrize("day", ["nonsense", "2026-11-31", "0001-01-01", "9999-12-31", "2026-11-25T10:00"])
def test_a_nonsense_day_is_not_found(client, office, day):
    assert log_in(client).get(address(office, "day", day)).status_code == 404


def test_an_unknown_office_is_not_found(client, office):
    log_in(client)

    for name, parts in (("day", ["2026-11-25"]), ("close", []), ("displaced", [])):
        assert client.get(reverse(f"admin:requests_app_office_{name}", args=[10**9, *parts])).status_code == 404


@pytest.mark.parametrize("rows", [1, 10])
def test_cost_of_the_sheet_does_not_grow(client, office, rows, django_assert_num_queries):
    Office.objects.update(windows=10)
    for _ in range(rows):
        booked(slot=slot_at(office, WEDNESDAY, 10))

    with time_machine.travel(moscow(WEDNESDAY, 11), tick=False):
        log_in(client)
        # session, user, two of permissions, the office, the visits, whether it is closed; hours, closed days and
        # calendar, and the visits against them
        with django_assert_num_queries(11):
            client.get(address(office, "day", "2026-11-25"))


def test_the_sheet_is_as_safe_as_any_page(client, office):
    booked(slot=slot_at(office, WEDNESDAY, 10), visitor="<script>alert(1)</script>", comment="<b>жирно</b>")

    html = text_of(log_in(client).get(address(office, "day", "2026-11-25")))

    assert "<script>alert" not in html
    assert "<b>жирно" not in html


@pytest.mark.parametrize(
    ("state", "is_offered"), [("booked", True), ("came", True), ("missed", False), ("cancelled", False)]
)
def test_an_appeal_is_written_down_from_a_visit_that_took_place(client, office, state, is_offered):
    service_request = booked(slot=slot_at(office, WEDNESDAY, 10))
    Appointment.objects.update(state=state)

    page = log_in(client).get(reverse("admin:requests_app_servicerequest_change", args=[service_request.pk]))

    assert ("Записать обращение с этого приёма" in text_of(page)) is is_offered


# -- A day is closed ------------------------------------------------------------------------------------------------


def test_closing_a_day_first_shows_whom_it_concerns(client, office):
    booked(slot=slot_at(office, WEDNESDAY, 10), visitor="Первый Пётр")
    log_in(client)

    html = text_of(client.post(address(office, "close"), {"day": "2026-11-25", "reason": "Ремонт"}))

    for words in (
        "1 человек записан на 25 ноября",
        "Первый Пётр",
        "8 (863) 250-31-02",
        ServiceRequest.objects.get().applicant_email,
    ):
        assert words in html
    assert not ClosedDay.objects.exists()
    assert Email.objects.count() == 1  # of the booking


@pytest.mark.parametrize("change", [{"day": "2026-11-26"}, {"receives_until": "15:00"}])
def test_what_was_changed_after_it_was_shown_is_shown_anew(client, office, change):
    """Nobody is told of a day that the colleague has not seen with their own eyes."""
    first = booked(slot=slot_at(office, WEDNESDAY, 16))
    other = booked(slot=slot_at(office, THURSDAY, 10), visitor="Второй Павел")
    seen = {"day": "2026-11-25", "reason": "Ремонт", "confirmed": "2026-11-25"}

    response = log_in(client).post(address(office, "close"), {**seen, **change})

    assert response.status_code == 200
    assert [visit.pk for visit in response.context["affected"]] == [(other if "day" in change else first).pk]
    assert not ClosedDay.objects.exists()
    assert {state_of(first), state_of(other)} == {VisitState.BOOKED}
    confirmed = re.search('name="confirmed" value="(.*?)"', response.content.decode())[1]
    client.post(address(office, "close"), {**seen, **change, "confirmed": confirmed})
    assert ClosedDay.objects.exists()


def test_a_closed_day_tells_who_was_booked_and_takes_no_more(client, office):
    first, other = booked(slot=slot_at(office, WEDNESDAY, 10)), booked(slot=slot_at(office, THURSDAY, 10))
    Email.objects.all().delete()
    log_in(client)

    response = client.post(
        address(office, "close"),
        {"day": "2026-11-25", "reason": "Санитарный день", "confirmed": "2026-11-25"},
        follow=True,
    )

    letter = Email.objects.get()
    assert letter.to == [first.owner.email]
    assert reverse("requests:book") in letter.message
    assert first.number in letter.message
    assert state_of(first) == VisitState.CANCELLED
    assert state_of(other) == VisitState.BOOKED
    assert ServiceRequest.objects.get(pk=first.pk).status == Status.WITHDRAWN
    assert first.messages.get().body == "Санитарный день"
    assert not [slot for slot in free_times(office) if "2026-11-25" in slot]
    assert "Отменили 1 запись" in text_of(response)
    assert "Отменённые записи" in text_of(response)
    logged = [entry.change_message for entry in LogEntry.objects.order_by("pk")]
    assert len(logged) == 2
    assert first.number in logged[1]


def test_the_consumer_reads_why_and_where_to_go_on(client, office):
    service_request = booked(slot=slot_at(office, WEDNESDAY, 10))
    log_in(client)
    client.post(address(office, "close"), {"day": "2026-11-25", "reason": "Санитарный день", "confirmed": "2026-11-25"})
    client.force_login(service_request.owner)

    html = text_of(client.get(service_request.get_absolute_url()))

    for words in ("Приём отменён", "Санитарный день", "Отменена офисом", f'href="{reverse("requests:book")}"'):
        assert words in html


@pytest.mark.parametrize(
    ("day", "code"), [("2026-11-23", "past"), ("2226-11-25", "far"), ("2026-11-31", "invalid"), ("", "required")]
)
def test_an_impossible_day_is_not_closed(client, office, day, code):
    response = log_in(client).post(
        address(office, "close"), {"day": day, "reason": "Ремонт", "confirmed": "2026-11-25"}
    )

    assert response.context["form"].errors.as_data()["day"][0].code == code
    assert not ClosedDay.objects.exists()


def test_a_day_is_not_closed_without_a_reason(client, office):
    response = log_in(client).post(
        address(office, "close"), {"day": "2026-11-25", "reason": " ", "confirmed": "2026-11-25"}
    )

    assert "Напишите причину" in text_of(response)
    assert not ClosedDay.objects.exists()


def test_operators_do_not_close_days(client, office):
    log_in(client, "operator")

    assert (
        client.post(
            address(office, "close"), {"day": "2026-11-25", "reason": "Ремонт", "confirmed": "2026-11-25"}
        ).status_code
        == 403
    )
    assert "сократить день" not in text_of(client.get(address(office, "day", "2026-11-25")))
    assert not ClosedDay.objects.exists()


def test_a_day_that_was_closed_can_be_opened_again(client, office):
    closed = ClosedDay.objects.create(office=office, date=WEDNESDAY, reason="Ремонт")
    log_in(client)

    response = client.post(
        reverse("admin:requests_app_office_change", args=[office.pk]),
        {**office_data(office), **inline("closed_days", [{"id": closed.pk, "office": office.pk, "DELETE": "on"}])},
    )

    assert response.status_code == 302, response.context["errors"]
    assert slot_at(office, WEDNESDAY, 10) in free_times(office)


# -- A day is shorter -----------------------------------------------------------------------------------------------

SHORT = {"day": "2026-11-25", "receives_until": "15:00", "reason": "Перед праздником"}


def test_a_short_day_concerns_those_alone_whose_visit_would_end_later(client, office):
    for minute, visitor in ((40, "Успеет"), (20, "Успеет тоже")):
        booked(slot=slot_at(office, WEDNESDAY, 14, minute), visitor=visitor)
    booked(slot=slot_at(office, WEDNESDAY, 15), visitor="Первый Пётр")
    booked(slot=slot_at(office, THURSDAY, 15), visitor="Завтра")

    html = text_of(log_in(client).post(address(office, "close"), SHORT))

    assert "1 человек записан на 25 ноября так, что приём закончится позже 15:00" in html
    assert "Первый Пётр" in html
    assert "Успеет" not in html
    assert "Завтра" not in html
    assert "Сократить день и написать посетителям" in html
    assert not ClosedDay.objects.exists()


def test_a_short_day_tells_who_is_booked_later_and_takes_those_who_come_earlier(client, office):
    before, after = (booked(slot=slot_at(office, WEDNESDAY, *hour)) for hour in ((14, 40), (15, 0)))
    Email.objects.all().delete()
    log_in(client)

    response = client.post(address(office, "close"), {**SHORT, "confirmed": "2026-11-25 15:00:00"}, follow=True)

    assert Email.objects.get().to == [after.owner.email]
    assert (state_of(before), state_of(after)) == (VisitState.BOOKED, VisitState.CANCELLED)
    assert after.messages.get().body == "Перед праздником"
    free = free_times(office)
    assert slot_at(office, WEDNESDAY, 14, 40) in free
    assert slot_at(office, WEDNESDAY, 15) not in free
    assert slot_at(office, THURSDAY, 15) in free
    for words in ("записаться можно только до 15:00", "Принимаем до 15:00. Причина: Перед праздником"):
        assert words in text_of(response)
    logged = LogEntry.objects.order_by("pk").first().change_message.replace("\N{NO-BREAK SPACE}", " ")
    assert logged == "Сокращён день: 25 ноября 2026, приём до 15:00: Перед праздником"


def test_a_day_is_shortened_closed_and_shortened_again(client, office):
    log_in(client)
    found = []

    for until in ("15:00", "", "14:00"):
        confirmed = f"2026-11-25 {until}:00" if until else "2026-11-25"
        client.post(address(office, "close"), {**SHORT, "receives_until": until, "confirmed": confirmed})
        on_day = [time for time in free_times(office) if "2026-11-25" in time]
        found.append(on_day[-1][-5:] if on_day else None)

    assert found == ["14:40", None, "13:40"]


@pytest.mark.parametrize(
    ("day", "until", "code"),
    [
        ("2026-11-25", "17:00", "outside"),
        ("2026-11-25", "23:59", "outside"),
        ("2026-11-25", "09:00", "outside"),
        ("2026-11-25", "00:00", "outside"),
        ("2026-11-25", "25:00", "invalid"),
        ("2026-11-28", "15:00", "day_off"),  # a Saturday
        ("2027-01-01", "15:00", "day_off"),  # a holiday on a Friday
    ],
)
def test_an_hour_at_which_no_day_ends_is_refused_by_its_field(client, office, day, until, code):
    answers = {**SHORT, "day": day, "receives_until": until, "confirmed": "2026-11-25"}

    response = log_in(client).post(address(office, "close"), answers)

    assert response.context["form"].errors.as_data()["receives_until"][0].code == code
    assert f'value="{until}"' in response.content.decode()
    assert not ClosedDay.objects.exists()


def test_another_day_of_hours_is_called_one(client, office):
    page = log_in(client).get(reverse("admin:requests_app_office_change", args=[office.pk]))

    hours = json.loads(page.context["inline_admin_formsets"][0].inline_formset_data())
    assert hours["options"]["addText"] == "Добавить еще один День приёма"


def test_the_page_of_the_office_lists_short_days_as_such(client, office):
    ClosedDay.objects.create(office=office, date=WEDNESDAY, receives_until=time(15), reason="Перед праздником")
    ClosedDay.objects.create(office=office, date=THURSDAY, reason="Ремонт")

    html = text_of(log_in(client).get(reverse("admin:requests_app_office_change", args=[office.pk])))

    assert re.findall(r'field-reception">\s*<p>(.*?)</p>', html) == ["до 15:00", "нет"]


# -- Hours and the calendar change under a visit --------------------------------------------------------------------


def inline(prefix, rows):
    """What a formset of the admin sends."""
    initial = sum("id" in row for row in rows)
    data = {f"{prefix}-TOTAL_FORMS": len(rows), f"{prefix}-INITIAL_FORMS": initial}
    for number, row in enumerate(rows):
        data |= {f"{prefix}-{number}-{name}": value for name, value in row.items()}
    return data


def office_data(office, *, hours=None, **changes):
    names = ["name", "address", "slot_minutes", "windows", "lead_minutes", "horizon_days", "cutoff_minutes", "bring"]
    rows = [
        {
            "id": row.pk,
            "office": office.pk,
            "weekday": row.weekday,
            "opens": "09:00",
            "closes": "17:00",
            "break_starts": "12:00",
            "break_ends": "13:00",
            **(hours or {}).get(row.weekday, {}),
        }
        for row in office.hours.order_by("weekday")
    ]
    fields = {name: getattr(office, name) for name in names}
    return {**fields, "is_open": "on", **inline("hours", rows), **inline("closed_days", []), **changes}


def save(client, office, **changes):
    return client.post(
        reverse("admin:requests_app_office_change", args=[office.pk]), office_data(office, **changes), follow=True
    )


def hidden(html):
    """The visits that the page of the displaced has shown."""
    return re.findall('name="visit" value="(.*?)"', html)


@pytest.mark.parametrize(
    "changes",
    [
        {"hours": {2: {"closes": "14:10"}}},
        {"hours": {2: {"DELETE": "on"}}},
        {"hours": {2: {"break_starts": "14:00", "break_ends": "15:00"}}},
    ],
)
def test_hours_that_change_under_a_visit_lead_to_who_must_be_told(client, office, changes):
    service_request = booked(slot=slot_at(office, WEDNESDAY, 14), visitor="Первый Пётр")
    log_in(client)

    saved = text_of(save(client, office, **changes))
    listed = text_of(client.get(address(office, "displaced")))
    Email.objects.all().delete()
    sent = {"reason": "Изменились часы", "visit": hidden(listed)}
    done = text_of(client.post(address(office, "displaced"), sent, follow=True))

    assert address(office, "displaced") in saved
    assert "Первый Пётр" in listed
    assert "8 (863) 250-31-02" in listed
    assert "Все записи на рабочее время офиса." in done
    assert Email.objects.get().to == [service_request.owner.email]
    assert state_of(service_request) == VisitState.CANCELLED


def test_who_is_displaced_after_the_page_was_drawn_is_shown_first(client, office):
    first, later = booked(slot=slot_at(office, WEDNESDAY, 14)), booked(slot=slot_at(office, THURSDAY, 14))
    office.hours.filter(weekday=WEDNESDAY.weekday()).delete()
    sent = {"reason": "Изменились часы", "visit": hidden(text_of(log_in(client).get(address(office, "displaced"))))}
    office.hours.all().delete()

    left = text_of(client.post(address(office, "displaced"), sent, follow=True))

    assert (state_of(first), state_of(later)) == (VisitState.CANCELLED, VisitState.BOOKED)
    assert hidden(left) == [str(later.pk)]


def test_the_sheet_of_the_day_warns_of_who_is_not_received_any_more(client, office):
    """Whoever changed the hours may have passed the warning over."""
    booked(slot=slot_at(office, WEDNESDAY, 14))
    log_in(client)
    pages = [address(office, "day", day) for day in ("2026-11-25", "2026-11-26")]
    before = text_of(client.get(pages[0]))

    office.hours.all().delete()

    wednesday, thursday = (text_of(client.get(page)) for page in pages)
    warning = "1 человек записан на время, когда офис не принимает."
    assert warning in wednesday
    assert address(office, "displaced") in wednesday
    assert warning not in before + thursday


def test_a_holiday_of_the_calendar_leads_to_who_must_be_told(client, office):
    booked(slot=slot_at(office, WEDNESDAY, 14))
    log_in(client)

    response = client.post(
        reverse("admin:requests_app_calendarday_add"), {"date": "2026-11-25", "note": "Выходной"}, follow=True
    )

    assert CalendarDay.objects.exists()
    assert "Предупредить посетителей" in text_of(response)
    assert address(office, "displaced") in text_of(response)


def test_a_working_day_taken_out_of_the_calendar_leads_to_who_must_be_told(client, office):
    office.hours.create(weekday=5, opens=time(9), closes=time(17))
    saturday = date(2026, 11, 28)
    row = CalendarDay.objects.create(date=saturday, is_working=True, note="Перенос")
    booked(slot=slot_at(office, saturday, 10))
    log_in(client)

    delete = reverse("admin:requests_app_calendarday_delete", args=[row.pk])
    response = client.post(delete, {"post": "yes"}, follow=True)

    assert not CalendarDay.objects.exists()
    assert address(office, "displaced") in text_of(response)


def test_hours_that_still_fit_warn_of_nothing(client, office):
    booked(slot=slot_at(office, WEDNESDAY, 14))
    log_in(client)

    saved = text_of(save(client, office, hours={2: {"closes": "14:20"}}))

    assert "Предупредить" not in saved
    assert office.hours.get(weekday=2).closes == time(14, 20)


def test_a_reason_is_needed_to_tell_the_displaced(client, office):
    service_request = booked(slot=slot_at(office, WEDNESDAY, 14))
    office.hours.all().delete()
    log_in(client)

    html = text_of(client.post(address(office, "displaced"), {"reason": ""}))

    assert "Напишите причину" in html
    assert state_of(service_request) == VisitState.BOOKED


@pytest.mark.parametrize(
    ("hours", "words"),
    [
        ({"opens": "18:00"}, "Закрывается раньше, чем открывается."),
        ({"break_ends": ""}, "Укажите начало и конец перерыва."),
        ({"break_starts": "", "break_ends": "13:00"}, "Укажите начало и конец перерыва."),
        ({"break_ends": "18:00"}, "Перерыв должен быть внутри часов приёма."),
        ({"break_starts": "14:00"}, "Перерыв должен быть внутри часов приёма."),
        ({"opens": "25:00"}, "Введите правильное время."),
        ({"weekday": "1"}, ""),
    ],
)
def test_impossible_hours_are_refused_with_words(client, office, hours, words):
    log_in(client)

    response = save(client, office, hours={2: hours})

    assert words in text_of(response)
    assert response.context["errors"]
    assert office.hours.get(weekday=2).opens == time(9)


@pytest.mark.parametrize(
    ("name", "value"),
    [("slot_minutes", "0"), ("slot_minutes", "-5"), ("windows", "99999999999"), ("horizon_days", "0"), ("name", "\0")],
)
def test_impossible_rules_are_refused_at_their_field(client, office, name, value):
    log_in(client)

    response = save(client, office, **{name: value})

    assert name in response.context["adminform"].form.errors


def test_operators_look_at_offices_and_change_nothing(client, office):
    log_in(client, "operator")
    change = reverse("admin:requests_app_office_change", args=[office.pk])

    assert client.get(change).status_code == 200
    assert client.post(change, office_data(office, name="Другое")).status_code == 403

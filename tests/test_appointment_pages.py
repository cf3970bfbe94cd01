"""The consumer's pages of a visit: choosing a time, booking, another time, the calendar file."""

import re
import uuid
from datetime import date

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from icalendar import Calendar

from requests_app import actions
from requests_app.lifecycle import Status
from requests_app.models import ServiceRequest
from requests_app.services.appointment.models import Appointment
from requests_app.services.appointment.offices import Office
from tests.factories import ConsumerFactory, StaffFactory
from tests.visits import after, booked, make_office, moscow, slot_at

pytestmark = pytest.mark.django_db

BOOK = reverse("requests:book")
WEDNESDAY, THURSDAY = date(2026, 11, 25), date(2026, 11, 26)


@pytest.fixture(autouse=True)
def _on_tuesday_morning():
    with time_machine.travel("2026-11-24T06:00:00Z", tick=False):  # nine o'clock in Moscow
        yield


@pytest.fixture
def office():
    return make_office()


@pytest.fixture
def user():
    return ConsumerFactory().user


@pytest.fixture
def client(client, user):
    client.force_login(user)
    return client


def answers(office, slot=None, **changes):
    return {
        "submission_key": str(uuid.uuid4()),
        "office": office.pk,
        "day": "2026-11-25",
        "slot": slot or slot_at(office, WEDNESDAY, 10),
        "topic": "metering",
        "visitor": "Самойлов Николай Петрович",
        "phone": "8 928 123-45-67",
        **changes,
    }


def text_of(response):
    return response.content.decode().replace("\N{NO-BREAK SPACE}", " ").replace("&nbsp;", " ")


def times_shown(html):
    """Value → free? of every time that can be chosen on the page."""
    return {
        value: "disabled" not in rest
        for value, rest in re.findall(r'<input type="radio" name="slot" value="([^"]+)"([^>]*)>', html)
    }


def days_shown(html):
    return {
        day: "disabled" not in rest
        for day, rest in re.findall(r'<input type="radio" name="day" value="([^"]+)"([^>]*)>', html)
    }


# -- The page -------------------------------------------------------------------------------------------------------


def test_the_address_is_that_of_every_service():
    assert reverse("requests:submit", args=["appointment"]) == BOOK


def test_days_and_times_of_the_first_free_day_are_shown(client, office):
    html = text_of(client.get(BOOK))

    days = days_shown(html)
    assert [days[day] for day in ("2026-11-23", "2026-11-24", "2026-11-28", "2026-12-24", "2026-12-25")] == [
        False,  # yesterday
        True,
        False,  # Saturday
        True,  # the last of thirty days
        False,
    ]
    assert next(iter(times_shown(html))) == slot_at(office, date(2026, 11, 24), 10)  # an hour from now
    assert slot_at(office, date(2026, 11, 24), 12) not in times_shown(html)


def test_the_day_of_the_address_is_shown(client, office):
    html = text_of(client.get(BOOK, {"day": "2026-11-26"}))

    assert "Время, четверг 26 ноября" in html
    assert set(times_shown(html).values()) == {True}
    assert len(times_shown(html)) == 21  # 9–12 and 13–17, twenty minutes each


@pytest.mark.parametrize("day", ["2026-11-28", "2027-01-01", "nonsense", "\0", "9" * 99, ""])
def test_a_nonsense_day_shows_the_first_free_one_or_says_that_there_is_none(client, office, day):
    response = client.get(BOOK, {"day": day, "office": "x"})

    assert response.status_code == 200


def test_taken_times_are_marked_by_word_and_cannot_be_chosen(client, office):
    slot = slot_at(office, WEDNESDAY, 10)
    for _ in range(office.windows):
        booked(slot=slot)

    html = text_of(client.get(BOOK, {"day": "2026-11-25"}))

    assert times_shown(html)[slot] is False
    assert ", занято" in html


def test_the_profile_fills_in_who_comes(client, office):
    html = text_of(client.get(BOOK))

    assert 'value="Самойлов Николай Петрович"' in html
    assert 'value="8 (928) 123-45-67"' in html


def test_without_an_office_the_page_says_so_and_gives_the_phone(client):
    for response in (client.get(BOOK), client.post(BOOK, {"topic": "metering"})):
        html = text_of(response)

        assert response.status_code == 200
        assert "Запись через кабинет сейчас не ведётся" in html
        assert 'href="tel:88002344655"' in html
        assert 'name="slot"' not in html


def test_with_two_offices_one_is_chosen(client, office):
    other = make_office(name="Участок на Портовой", weekdays=[3])

    html = text_of(client.get(BOOK, {"office": other.pk, "day": "2026-11-26"}))

    assert html.count('type="radio" name="office"') == 2
    assert days_shown(html)["2026-11-25"] is False
    assert set(times_shown(html)) == set(times_shown(html)) & {
        slot_at(other, THURSDAY, h, m) for h in range(24) for m in (0, 20, 40)
    }


def test_another_day_is_shown_with_everything_typed(client, office):
    typed = answers(
        office, show="times", day="2026-11-26", comment="Договор ЭС-118", needs=["step_free", "low_vision"], visitor=""
    )

    html = text_of(client.post(BOOK, typed))

    assert "Время, четверг 26 ноября" in html
    assert ">\nДоговор ЭС-118</textarea>" in html
    assert len(re.findall(r'name="needs"[^>]*checked', html)) == 2
    assert re.search(
        r'name="topic"[^>]*value="metering"[^>]*checked|value="metering"[^>]*name="topic"[^>]*checked', html
    )
    assert "data-error-summary" not in html
    assert not ServiceRequest.objects.exists()


def test_nobody_is_booked_for_another_day_or_office_than_the_chosen_one(client, office):
    other = make_office(name="Второй офис")
    sent = answers(office, comment="Договор ЭС-118") | {
        "slot": slot_at(office, WEDNESDAY, 10),
        "times_of": f"{office.pk}@2026-11-25",
        "day": "2026-11-25",
        "office": office.pk,
    }

    for change, shown in (
        ({"day": "2026-11-26"}, slot_at(office, THURSDAY, 10)),
        ({"office": other.pk}, slot_at(other, WEDNESDAY, 10)),
    ):
        html = text_of(client.post(BOOK, sent | change))
        assert "Вы выбрали другой день или офис" in html
        assert shown in times_shown(html)
        assert "Договор ЭС-118" in html
    assert not ServiceRequest.objects.exists()
    assert client.post(BOOK, sent).status_code == 302


def test_the_page_says_whose_times_it_shows(client, office):
    html = text_of(client.get(BOOK, {"day": "2026-11-26"}))

    assert f'name="times_of" value="{office.pk}@2026-11-26"' in html


@pytest.mark.parametrize("windows", [1, 10])
def test_cost_does_not_grow_with_offers_and_visits(client, office, windows, django_assert_num_queries):
    Office.objects.update(windows=windows, slot_minutes=60 // windows)
    for _ in range(windows):
        booked(slot=slot_at(office, WEDNESDAY, 10), office=Office.objects.get())

    # session, user and consumer, consent, term, its calendar; offices, hours, closed days, calendar, visits
    with django_assert_num_queries(QUERIES):
        client.get(BOOK)


QUERIES = 9


# -- Booking --------------------------------------------------------------------------------------------------------


def test_a_booking_is_confirmed_at_once(client, user, office):
    response = client.post(BOOK, answers(office, needs=["step_free", "sign_language"]), follow=True)

    sent = ServiceRequest.objects.get(owner=user)
    html = text_of(response)
    assert response.redirect_chain == [(sent.get_absolute_url(), 302)]
    assert "Вы записаны" in html
    assert "25 ноября, 10:00" in html
    assert "Отменить или перенести можно до 25 ноября, 8:00" in html
    assert reverse("requests:calendar", args=[sent.number]) in html
    assert (sent.appointment.step_free, sent.appointment.sign_language) == (True, True)


def test_a_time_taken_meanwhile_keeps_the_form_and_shows_free_times(client, office):
    Office.objects.update(windows=1)
    slot = slot_at(office, WEDNESDAY, 10)
    booked(slot=slot)

    response = client.post(BOOK, answers(office, slot, comment="Договор ЭС-118", needs="step_free"))

    html = text_of(response)
    assert response.status_code == 200
    assert "Это время только что заняли" in html
    assert 'href="#id_slot_0"' in html
    assert 'id="id_slot_0"' in html
    assert ">\nДоговор ЭС-118</textarea>" in html
    assert re.search(r'value="step_free"[^>]*checked', html)
    times = times_shown(html)
    assert times[slot] is False
    assert times[slot_at(office, WEDNESDAY, 10, 20)] is True
    assert "Свободно в другие дни" in html
    assert ServiceRequest.objects.count() == 1


def test_the_form_that_was_refused_is_sent_with_another_time(client, office):
    Office.objects.update(windows=1)
    booked(slot=slot_at(office, WEDNESDAY, 10))
    typed = answers(office)
    client.post(BOOK, typed)

    response = client.post(BOOK, {**typed, "slot": slot_at(office, WEDNESDAY, 10, 20)})

    assert response.status_code == 302


def test_a_second_booking_of_the_topic_is_refused_at_the_topic(client, user, office):
    booked(owner=user, slot=slot_at(office, THURSDAY, 10))

    html = text_of(client.post(BOOK, answers(office)))

    assert "По этой теме вы уже записаны" in html
    assert 'href="#id_topic_0"' in html


def test_a_double_click_is_one_booking(client, office):
    typed = answers(office)

    first, second = client.post(BOOK, typed), client.post(BOOK, typed)

    assert first.url == second.url
    assert Appointment.objects.count() == 1


@pytest.mark.parametrize("missing", ["slot", "topic", "visitor", "phone"])
def test_what_is_missing_is_said_at_its_field(client, office, missing):
    typed = answers(office)
    del typed[missing]

    response = client.post(BOOK, typed)

    assert list(response.context["form"].errors) == [missing]
    assert "<title>Ошибка:" in text_of(response)


def test_other_methods_are_refused(client, office):
    assert client.put(BOOK).status_code == 405


def test_staff_and_strangers_do_not_book(office):
    staff, anonymous = Client(), Client()
    staff.force_login(StaffFactory(group="operator"))

    assert staff.post(BOOK, answers(office)).status_code in (302, 403)
    assert anonymous.post(BOOK, answers(office)).url.startswith(reverse("accounts:login"))
    assert not ServiceRequest.objects.exists()


# -- Another time, the end ------------------------------------------------------------------------------------------


@pytest.fixture
def service_request(user, office):
    return booked(owner=user, slot=slot_at(office, WEDNESDAY, 10))


def address(service_request, name):
    return reverse(f"requests:{name}", args=[service_request.number])


def test_the_page_of_a_move_shows_the_day_of_the_visit(client, service_request):
    html = text_of(client.get(address(service_request, "move")))

    assert "Сейчас вы записаны на" in html
    assert "Время, среда 25 ноября" in html


def test_a_visit_is_moved(client, service_request, office):
    data = {"slot": slot_at(office, THURSDAY, 14), "submission_key": str(uuid.uuid4())}

    response = client.post(address(service_request, "move"), data, follow=True)

    assert "Время приёма изменено" in text_of(response)
    assert "26 ноября, 14:00" in text_of(response)
    assert Appointment.objects.get().starts_at == moscow(THURSDAY, 14)


def test_another_day_of_a_move_is_shown_and_nothing_is_moved(client, service_request):
    html = text_of(client.post(address(service_request, "move"), {"show": "times", "day": "2026-11-26"}))

    assert "Время, четверг 26 ноября" in html
    assert Appointment.objects.get().starts_at == moscow(WEDNESDAY, 10)


def test_another_day_of_a_move_is_shown_whatever_time_was_chosen_before(client, service_request, office):
    sent = {"show": "times", "day": "2026-11-26", "slot": slot_at(office, WEDNESDAY, 14)}

    html = text_of(client.post(address(service_request, "move"), sent))

    assert "Время, четверг 26 ноября" in html


def test_a_visit_is_not_moved_to_a_time_of_another_day_than_the_chosen_one(client, service_request, office):
    """Without scripts: a time of Wednesday is chosen, then Thursday, and the form is sent."""
    sent = {
        "slot": slot_at(office, WEDNESDAY, 14),
        "day": "2026-11-26",
        "times_of": f"{office.pk}@2026-11-25",
        "submission_key": str(uuid.uuid4()),
    }

    html = text_of(client.post(address(service_request, "move"), sent))

    assert "Вы выбрали другой день или офис. Выберите время: оно показано ниже." in html
    assert "Время, четверг 26 ноября" in html
    assert Appointment.objects.get().starts_at == moscow(WEDNESDAY, 10)
    sent |= {"slot": slot_at(office, THURSDAY, 14), "times_of": f"{office.pk}@2026-11-26"}
    assert client.post(address(service_request, "move"), sent).status_code == 302


def test_a_move_to_a_taken_time_shows_free_ones(client, service_request, office):
    Office.objects.update(windows=1)
    taken = slot_at(office, THURSDAY, 14)
    booked(slot=taken)

    html = text_of(client.post(address(service_request, "move"), {"slot": taken, "submission_key": str(uuid.uuid4())}))

    assert "Это время только что заняли" in html
    assert times_shown(html)[slot_at(office, THURSDAY, 14, 20)] is True


@pytest.mark.parametrize("data", [{}, {"slot": "\0", "submission_key": "x"}, {"slot": "1@2026-11-31T10:00"}])
def test_a_nonsense_move_is_refused(client, service_request, data):
    response = client.post(address(service_request, "move"), data)

    assert response.status_code == 200
    assert "slot" in response.context["form"].errors


def test_past_the_cut_off_the_page_gives_the_phone(client, user, service_request, office):
    with time_machine.travel(after(service_request, minutes=-30), tick=False):
        client.force_login(user)
        shown = text_of(client.get(address(service_request, "move")))
        sent = text_of(
            client.post(
                address(service_request, "move"),
                {"slot": slot_at(office, THURSDAY, 14), "submission_key": str(uuid.uuid4())},
            )
        )
        page = text_of(client.get(service_request.get_absolute_url()))

    for html in (shown, sent):
        assert "Перенести или отменить можно было до 25 ноября, 8:00" in html
        assert "tel:88002344655" in html
    assert "Отменить или перенести можно было до 25 ноября, 8:00" in page
    assert Appointment.objects.get().starts_at == moscow(WEDNESDAY, 10)


@pytest.mark.parametrize("state", ["booked", "passed"])
def test_nobody_is_asked_to_come_to_a_visit_whose_time_is_over(client, user, service_request, state):
    """Staff have not marked it yet."""
    Appointment.objects.update(state=state)
    with time_machine.travel(after(service_request, minutes=20), tick=False):
        client.force_login(user)
        page = text_of(client.get(service_request.get_absolute_url()))
        move = text_of(client.get(address(service_request, "move")))

    assert "Приходите к назначенному времени" not in page
    assert page.count("Время приёма прошло") == 2  # what comes next, and over the time
    for html in (page, move):
        assert "можно было до" not in html
        assert f'href="{reverse("requests:book")}"' in html
    assert "Сейчас вы записаны" not in move


def test_during_the_visit_its_page_is_as_before(client, user, service_request):
    with time_machine.travel(after(service_request, minutes=19), tick=False):
        client.force_login(user)
        page = text_of(client.get(service_request.get_absolute_url()))

    assert "Приходите к назначенному времени" in page


def test_a_cancelled_visit_is_not_called_booked_where_it_would_be_moved(client, service_request):
    actions.transition(service_request, "cancel", by=service_request.owner)

    html = text_of(client.get(address(service_request, "move")))

    assert "Эта запись отменена. Запишитесь снова." in html
    assert "Сейчас вы записаны" not in html


def test_a_visit_is_cancelled_and_its_time_is_free(client, service_request, office):
    page = text_of(client.get(reverse("requests:transition", args=[service_request.number, "cancel"])))
    response = client.post(
        reverse("requests:transition", args=[service_request.number, "cancel"]),
        {"submission_key": str(uuid.uuid4())},
        follow=True,
    )

    assert "Отменить запись" in page
    assert "Запись отменена, время освободилось" in text_of(response)
    assert "Записаться снова" in text_of(response)
    assert ServiceRequest.objects.get().status == Status.WITHDRAWN
    assert times_shown(text_of(client.get(BOOK, {"day": "2026-11-25"})))[slot_at(office, WEDNESDAY, 10)] is True


def test_the_generic_step_page_moves_nothing(client, service_request):
    assert client.get(f"/requests/{service_request.number}/came/").status_code == 404


def test_the_calendar_file_is_the_owners(client, service_request):
    response = client.get(address(service_request, "calendar"))

    assert response["Content-Type"] == "text/calendar; charset=utf-8"
    assert response["Content-Disposition"] == 'attachment; filename="priem.ics"'
    event = Calendar.from_ical(response.content).walk("VEVENT")[0]
    assert event["dtstart"].dt == moscow(WEDNESDAY, 10)
    assert client.post(address(service_request, "calendar")).status_code == 405


@pytest.mark.parametrize("name", ["move", "calendar", "detail"])
@pytest.mark.parametrize("method", ["get", "post"])
def test_a_stranger_gets_404(service_request, office, name, method):
    stranger = Client()
    stranger.force_login(ConsumerFactory().user)
    data = {"slot": slot_at(office, THURSDAY, 14), "submission_key": str(uuid.uuid4())} if method == "post" else None

    response = getattr(stranger, method)(address(service_request, name), data)

    assert response.status_code == (404 if method == "get" or name == "move" else 405)
    assert Appointment.objects.get().sequence == 0


@pytest.mark.parametrize("name", ["move", "calendar"])
def test_anonymous_is_led_to_the_login(service_request, name):
    assert Client().get(address(service_request, name)).url.startswith(reverse("accounts:login"))


def test_the_form_of_a_consultation_leads_to_booking(client):
    html = text_of(client.get(reverse("requests:submit", args=["consultation"])))

    assert f'href="{BOOK}"' in html


def test_what_others_have_booked_is_nowhere_on_the_page(client, office):
    booked(slot=slot_at(office, WEDNESDAY, 10), visitor="Приходько Тайна Тайновна", comment="Секретный вопрос")

    html = text_of(client.get(BOOK, {"day": "2026-11-25"}))

    assert "Приходько" not in html
    assert "Секретный" not in html

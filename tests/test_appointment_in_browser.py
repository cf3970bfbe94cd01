"""A visit in Chromium: accessible, narrow enough, valid, the whole way with scripts and without."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from requests_app import actions
from requests_app.models import CalendarDay, ServiceRequest
from requests_app.services.appointment.models import Appointment, VisitState
from requests_app.services.appointment.offices import Office
from tests.factories import ConsumerFactory, StaffFactory
from tests.visits import booked, free_times, make_office, moved

BOOK = reverse("requests:book")
LONG = "Оченьдлинноеслово" * 6


@pytest.fixture
def office(db):
    """Every day of the year, so that the day of the test does not matter; with a taken time and one left of a day."""
    today = timezone.localdate()
    CalendarDay.objects.bulk_create(
        CalendarDay(date=today + timedelta(days=number), is_working=True) for number in range(32)
    )
    return make_office(weekdays=range(7), windows=1, bring=f"паспорт\n{LONG}")


@pytest.fixture
def user(office):
    """A consumer with visits in every state, with long words."""
    user = ConsumerFactory().user
    slots = free_times(office)[40:]
    topics = ["metering", "connection", "transmission", "service"]
    visits = [
        booked(owner=user, slot=slots[number * 7], topic=topic, visitor=LONG, comment=LONG)
        for number, topic in enumerate(topics)
    ]
    moved(visits[1], slots[3])
    actions.transition(visits[2], "cancel", by=user)
    actions.call_off([visits[3].appointment], reason=LONG, by=StaffFactory(group="operator"))
    past = booked(owner=user, slot=slots[50], topic="contacts")
    Appointment.objects.filter(pk=past.pk).update(
        starts_at=timezone.now() - timedelta(minutes=30), ends_at=timezone.now() - timedelta(minutes=10)
    )
    return user


def addresses(user):
    pages = {"book": BOOK, "cabinet": reverse("requests:cabinet"), "list": reverse("requests:list")}
    for visit in Appointment.objects.filter(owner=user).select_related("service_request"):
        number = visit.service_request.number
        pages[f"visit-{visit.topic}"] = visit.service_request.get_absolute_url()
        pages[f"move-{visit.topic}"] = reverse("requests:move", args=[number])
    pages["cancel"] = reverse("requests:transition", args=[pages["visit-metering"].split("/")[-2], "cancel"])
    return pages


def desk_addresses(office):
    visit = Appointment.objects.booked().order_by("starts_at").last()
    day = timezone.localdate(visit.starts_at).isoformat()
    return {
        "offices": reverse("admin:requests_app_office_changelist"),
        "office": reverse("admin:requests_app_office_change", args=[office.pk]),
        "day": reverse("admin:requests_app_office_day", args=[office.pk, day]),
        "today": reverse("admin:requests_app_office_day", args=[office.pk, timezone.localdate().isoformat()]),
        "close": reverse("admin:requests_app_office_close", args=[office.pk]),
        "displaced": reverse("admin:requests_app_office_displaced", args=[office.pk]),
        "visits": reverse("admin:requests_app_appointment_changelist"),
        "visit": reverse("admin:requests_app_servicerequest_change", args=[visit.pk]),
    }


@pytest.mark.django_db(transaction=True)
def test_pages_are_accessible_and_fit_the_screen(sized_page, browser_login, user, axe):
    browser_login(sized_page, user)
    problems = []

    for name, address in addresses(user).items():
        assert sized_page.goto(address).status == 200, name
        problems += [f"{name}: {problem}" for problem in axe(sized_page)]
        width = sized_page.evaluate("document.documentElement.scrollWidth")
        problems += [f"{name} is {width} wide"] if width > sized_page.viewport_size["width"] else []

    assert problems == []


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("width", [400, 1280])
def test_the_desk_is_quiet_and_fits(new_context, browser_login, user, office, axe, console, width):
    console.allow("Applying inline style")  # axe does it itself, to look at what a script has hidden
    page = new_context(viewport={"width": width, "height": 800}).new_page()
    browser_login(page, StaffFactory(group="supervisor"))
    pages = desk_addresses(office)
    office.hours.filter(weekday__lt=3).delete()  # so that some are booked for a closed office
    problems = []

    for name, address in pages.items():
        assert page.goto(address).status == 200, name
        own_markup = name in ("day", "today", "close", "displaced")
        problems += [f"{name}: {problem}" for problem in axe(page)] if own_markup else []
        found = page.evaluate("document.documentElement.scrollWidth")
        problems += [f"{name} is {found} wide"] if found > width else []

    assert problems == []


@pytest.mark.django_db
def test_pages_are_valid_html(client, user, office, nu):
    client.force_login(user)
    pages = {name: client.get(address).content.decode() for name, address in addresses(user).items()}
    taken = booked(slot=free_times(office)[5], topic="contacts")
    pages["taken"] = client.post(
        BOOK,
        {"slot": f"{office.pk}@{timezone.localtime(taken.appointment.starts_at):%Y-%m-%dT%H:%M}", "topic": "contacts"},
    ).content.decode()
    make_office(name="Второй офис")
    pages["two-offices"] = client.get(BOOK).content.decode()
    Office.objects.update(is_open=False)
    pages["no-office"] = client.get(BOOK).content.decode()

    assert nu(pages) == []


def test_a_visit_is_booked_moved_and_marked_on_any_screen(sized_page, browser_login, office, transactional_db, console):
    page = sized_page
    user = ConsumerFactory().user
    browser_login(page, user)

    page.goto(BOOK)
    page.get_by_label("Что ещё нам знать").fill("Договор ЭС-118")
    days = page.locator('[name="day"]:not([disabled])')
    days.nth(3).check()
    page.locator("[data-times] [name=slot]:not([disabled])").nth(2).check()
    assert page.locator("[data-chosen-time]").inner_text() != ""
    page.get_by_role("button", name="Записаться на приём").click()
    assert page.locator("[data-error-summary]").evaluate("node => node === document.activeElement")
    assert page.get_by_label("Что ещё нам знать").input_value() == "Договор ЭС-118"
    page.get_by_role("radio", name="Учёт электроэнергии").check()
    page.get_by_role("button", name="Записаться на приём").dblclick()
    page.wait_for_url(re.compile(r"/requests/\d{4}-\d{6}/$"))
    page.get_by_role("link", name="Перенести").click()
    page.locator('[name="day"]:not([disabled])').nth(5).check()
    page.locator("[data-times] [name=slot]:not([disabled])").nth(1).check()
    page.get_by_role("button", name="Перенести приём").click()
    page.get_by_text("Время приёма изменено").wait_for()

    visit = Appointment.objects.get()
    assert visit.sequence == 1
    assert visit.comment == "Договор ЭС-118"
    assert (timezone.localdate(visit.starts_at) - timezone.localdate()).days >= 5
    Appointment.objects.update(starts_at=timezone.now() - timedelta(minutes=5))
    browser_login(page, StaffFactory(group="operator"))
    page.goto(reverse("admin:requests_app_office_day", args=[office.pk, timezone.localdate().isoformat()]))
    page.get_by_role("button", name="Пришёл", exact=False).first.click()
    page.get_by_text("Приём состоялся.").first.wait_for()
    assert Appointment.objects.get().state == VisitState.CAME


def test_another_day_shows_its_times_at_once_and_keeps_what_was_typed(
    page, browser_login, office, transactional_db, console
):
    browser_login(page, ConsumerFactory().user)
    page.goto(BOOK)
    page.get_by_label("Кто придёт").fill("Другой Человек")
    before = page.locator("[data-times] legend").inner_text()

    assert page.get_by_role("button", name="Показать время").count() == 0
    page.locator('[name="day"]:not([disabled])').nth(4).check()
    page.locator(f"[data-times] legend:not(:text-is('{before}'))").wait_for()

    assert page.get_by_label("Кто придёт").input_value() == "Другой Человек"
    chosen = page.locator('[name="day"]:checked').get_attribute("value")
    assert chosen in page.locator("[data-times] [name=slot]").first.get_attribute("value")


def test_everything_works_without_scripts(page_without_js, browser_login, office, transactional_db):
    page = page_without_js
    browser_login(page, ConsumerFactory().user)

    page.goto(BOOK)
    page.get_by_label("Что ещё нам знать").fill("Договор ЭС-118")
    page.locator("[name=slot]:not([disabled])").nth(2).check()
    page.locator('[name="day"]:not([disabled])').nth(3).check()
    page.get_by_role("button", name="Записаться на приём").click()  # the time is not of that day
    page.locator(".field-error", has_text="другой день").wait_for()
    page.locator('[name="day"]:not([disabled])').nth(4).check()
    page.get_by_role("button", name="Показать время").click()
    assert page.get_by_label("Что ещё нам знать").input_value() == "Договор ЭС-118"
    page.locator("[name=slot]:not([disabled])").nth(2).check()
    page.get_by_role("radio", name="Контактная информация").check()
    page.get_by_role("button", name="Записаться на приём").click()
    page.wait_for_url(re.compile(r"/requests/\d{4}-\d{6}/$"))
    with page.expect_download() as download:
        page.get_by_role("link", name="В календарь").click()
    assert download.value.suggested_filename == "priem.ics"
    page.get_by_role("link", name="Отменить запись").click()
    page.get_by_role("button", name="Отменить запись").click()
    page.get_by_text("Запись отменена, время освободилось").wait_for()

    assert ServiceRequest.objects.get().status == "withdrawn"

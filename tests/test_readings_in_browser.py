"""Meter readings in Chromium: accessible, narrow enough, valid, quick for one meter, the same without scripts."""

import re
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from requests_app.models import Reading, ReadingState
from requests_app.reading_windows import moscow_day, next_month
from requests_app.services.meter_readings.standing import window_for
from tests.factories import ConsumerFactory, StaffFactory
from tests.files import picture
from tests.readings import confirmed_meter, owner_of, past, send, send_strange, send_unknown

METERS = reverse("requests:meters")
LONG = "Оченьдлинноеслово" * 6
PHOTO = {"name": "Счётчик.jpg", "mimeType": "image/jpeg", "buffer": picture()}


def month_now():
    return window_for("person", moscow_day(timezone.now())).month


@pytest.fixture
def meter(transactional_db):
    """Two zones and four months of past; the only meter of its owner."""
    meter = confirmed_meter(zones=2, digits_after=2, model="СЕ 208", point__address="ул. Портовая, 71, кв. 18")
    past(meter, until=5000, last=month_now())
    return meter


@pytest.fixture
def many(transactional_db):
    """A consumer with meters of every kind and long words; the first has everything in its past."""
    about = {"model": LONG[:100], "point__address": LONG}
    first = confirmed_meter(zones=3, ratio=60, digits_after=2, digits_before=9, verified_until="2020-01-01", **about)
    owner = owner_of(first)
    past(first, until=Decimal("500000.25"), months=14, last=month_now())
    confirmed_meter(owner=owner, is_remote=True)
    confirmed_meter(owner=owner, removed_on="2024-01-01")
    checked = confirmed_meter(owner=owner)
    past(checked, until=5000, last=month_now())
    send_strange(checked, 9000, "right", by=owner)
    send_unknown(by=owner)
    return first


def pages_of(meter):
    owner = owner_of(meter)
    pages = {"meters": METERS, "unknown": reverse("requests:unknown_meter")}
    for other in owner.access_grants.values_list("point__meters", flat=True):
        pages[f"meter {other}"] = reverse("requests:meter", args=[other])
        pages[f"history {other}"] = reverse("requests:meter_history", args=[other])
    pages |= {sent.number: sent.get_absolute_url() for sent in owner.service_requests.all()}
    return pages


def test_pages_are_accessible_and_fit_the_screen(sized_page, browser_login, many, axe):
    browser_login(sized_page, owner_of(many))
    problems = []

    for name, address in pages_of(many).items():
        sized_page.goto(address)
        problems += [f"{name}: {problem}" for problem in axe(sized_page)]
        width = sized_page.evaluate("document.documentElement.scrollWidth")
        problems += [f"{name} is {width} wide"] if width > sized_page.viewport_size["width"] else []

    assert problems == []


def test_questions_are_accessible_and_fit_the_screen(sized_page, browser_login, meter, axe):
    browser_login(sized_page, owner_of(meter))
    sized_page.goto(METERS)
    sized_page.get_by_label("T1 (день)").fill("4000")
    sized_page.get_by_label("T2 (ночь)").fill("50905")
    sized_page.get_by_role("button", name="Передать показания").click()
    sized_page.get_by_role("heading", name="Проверьте показания").wait_for()

    assert sized_page.locator("[data-error-summary]").evaluate("node => node === document.activeElement")
    assert axe(sized_page) == []
    assert sized_page.evaluate("document.documentElement.scrollWidth") <= sized_page.viewport_size["width"]


@pytest.mark.django_db
def test_pages_are_valid_html(client, many, nu):
    client.force_login(owner_of(many))
    pages = {name: client.get(address).content.decode() for name, address in pages_of(many).items()}
    form = reverse("requests:meter", args=[many.pk])
    pages["refused"] = client.post(form, {"zone_1": "пять"}).content.decode()
    asked = {"zone_1": "1", "zone_2": "999999999", "zone_3": "500100", "taken_on": timezone.localdate().isoformat()}
    pages["asked"] = client.post(form, asked).content.decode()
    client.force_login(ConsumerFactory().user)
    pages["no-meters"] = client.get(METERS).content.decode()

    assert nu(pages) == []


def test_one_meter_takes_two_numbers_and_a_press(sized_page, browser_login, meter):
    """From the cabinet's menu: nothing to choose, the use is told while it is typed."""
    page = sized_page
    browser_login(page, owner_of(meter))

    page.goto(METERS)
    page.get_by_label("T1 (день)").fill("5 110")
    usage = page.locator("#id_zone_1_usage")
    assert re.match(r"110\sкВт·ч с 20\s\w+.*, как обычно", usage.inner_text())
    page.get_by_label("T2 (ночь)").fill("005090,4")
    page.get_by_role("button", name="Передать показания").dblclick()
    page.wait_for_url(re.compile(r"/requests/\d{4}-\d+/$"))

    assert "приняты, заявка №" in page.locator("main").inner_text()
    assert [row.value for row in Reading.objects.of_month(month_now()).accepted().order_by("zone")] == [5110, 5090]


def test_the_use_is_judged_while_it_is_typed(sized_page, browser_login, meter):
    browser_login(sized_page, owner_of(meter))
    sized_page.goto(METERS)
    box, usage = sized_page.get_by_label("T1 (день)"), sized_page.locator("#id_zone_1_usage")

    told = {}
    for typed in ("4999", "50905", "5001", "5100.9", "x", "5100"):
        box.fill(typed)
        told[typed] = usage.inner_text() if usage.is_visible() else ""

    assert told["4999"] == "Меньше прошлого показания"
    assert ", обычно 100" in told["50905"]
    assert ", обычно 100" in told["5001"]
    assert told["5100.9"].startswith("100\N{NO-BREAK SPACE}кВт·ч") or told["5100.9"].startswith("100 кВт·ч")
    assert told["x"] == ""
    assert "usage-odd" not in usage.get_attribute("class")


def test_a_strange_value_is_settled_without_scripts(page_without_js, browser_login, meter):
    page = page_without_js
    browser_login(page, owner_of(meter))

    page.goto(METERS)
    page.get_by_label("T1 (день)").fill("5110")
    page.get_by_label("T2 (ночь)").fill("50905")
    page.get_by_label("Фото счётчика").set_input_files(PHOTO)
    page.get_by_role("button", name="Передать показания").click()
    page.get_by_role("radio", name="Всё верно: 50 905").check()
    assert "Счётчик.jpg" in page.locator("main").inner_text()
    assert page.get_by_label("T1 (день)").input_value() == "5110"
    page.get_by_role("button", name="Передать показания").click()
    page.wait_for_url(re.compile(r"/requests/\d{4}-\d+/$"))

    rows = Reading.objects.of_month(month_now())
    assert {row.state for row in rows} == {ReadingState.IN_QUESTION}
    assert rows[0].service_request.attachments.count() == 1


def test_the_desk_shows_corrects_and_accepts(new_context, browser_login, meter, axe, console):
    console.allow("Applying inline style")  # axe does it itself, to look at what a script has hidden
    single = confirmed_meter()
    past(single, until=5000, last=month_now())
    sent = send_strange(single, 9000, "right")
    page = new_context(viewport={"width": 1280, "height": 800}).new_page()
    browser_login(page, StaffFactory(group="operator"))

    page.goto(reverse("admin:requests_app_servicerequest_change", args=[sent.pk]))
    assert axe(page) == []
    page.get_by_role("link", name="Исправить и принять").click()
    page.get_by_label("Показание", exact=True).fill("5090")
    page.get_by_label("Что и почему исправлено").fill("На фото 5 090.")
    assert axe(page) == []
    page.get_by_role("button", name="Исправить и принять").click()
    page.get_by_text("Показания исправлены и приняты").first.wait_for()

    row = Reading.objects.current().of_month(month_now()).get(meter=single)
    assert (row.value, row.state) == (5090, ReadingState.ACCEPTED)


def test_the_cabinet_menu_leads_there(sized_page, browser_login, meter):
    send(meter, "5110", "5090")
    browser_login(sized_page, owner_of(meter))

    sized_page.goto(reverse("requests:meter_history", args=[meter.pk]))

    assert sized_page.locator("svg.chart rect.chart-day").count() == 5
    assert sized_page.get_by_role("link", name="Показания", exact=True).count() >= 1


@pytest.mark.parametrize("monthly", [300, 3000, 250_000])
def test_the_numbers_of_the_scale_stand_beside_the_columns(sized_page, browser_login, transactional_db, monthly):
    meter = confirmed_meter(digits_before=9)
    past(meter, until=9_000_000, monthly=monthly, months=13, last=next_month(month_now()))
    browser_login(sized_page, owner_of(meter))

    sized_page.goto(reverse("requests:meter_history", args=[meter.pk]))

    numbers = [
        box.bounding_box() for box in sized_page.locator(".chart .chart-scale").all()[1:]
    ]  # one stands above all
    first = sized_page.locator(".chart > .chart-day").first.bounding_box()
    assert len(numbers) == 2
    assert max(box["x"] + box["width"] for box in numbers) <= first["x"]

"""The violation report in Chromium: accessible, narrow enough, valid; the way of one report; where one is, only on a press."""

import re

import pytest
from django.urls import reverse

from requests_app import actions
from requests_app.lifecycle import Status
from requests_app.models import ReporterReveal, ServiceRequest
from requests_app.services import violation_report
from requests_app.services.violation_report.life import REPORT
from tests.factories import ConsumerFactory, StaffFactory, step_form, submitted
from tests.files import picture, upload

SERVICE = violation_report.SERVICE
NEW = reverse("requests:submit", args=[SERVICE.slug])
LONG = "Оченьдлинноеслово" * 6


@pytest.fixture
def user(db):
    """A consumer with a report in each state that has a look of its own, with long words."""
    user, inspector = ConsumerFactory().user, StaffFactory(group="inspector")
    ends = {"new": (), "ask": ("take", "ask"), "confirm": ("take", "confirm"), "dismiss": ("dismiss",)}
    for name, steps in ends.items():
        report = submitted(
            SERVICE,
            owner=user,
            place=LONG,
            description=LONG,
            pole_number=name,
            signs=["hooked", "other"],
            reporter="named" if name == "dismiss" else "anonymous",
            is_dangerous="on",
            files=[upload(f"{LONG}.jpg", picture())],
        )
        for step in steps:
            form = step_form(step, by=inspector, comment="" if step == "take" else LONG, life=REPORT)
            actions.transition(report, step, by=inspector, form=form)
    return user


def reports(user):
    return {report.detail.pole_number: report for report in user.service_requests.all()}


def addresses(user):
    pages = {"form": NEW, "list": reverse("requests:list")}
    pages |= {name: report.get_absolute_url() for name, report in reports(user).items()}
    pages["receipt"] = reverse("requests:receipt", args=[reports(user)["new"].number])
    return pages


def desk_addresses(user):
    def of(name, *arguments):
        return reverse(f"admin:requests_app_{name}", args=arguments)

    pages = {"requests": of("servicerequest_changelist"), "reports": of("violationreport_changelist")}
    pages |= {f"own-{name}": of("servicerequest_change", report.pk) for name, report in reports(user).items()}
    pages |= {"own-reveal": of("servicerequest_reporter", reports(user)["new"].pk)}
    pages |= {"reveals": of("reporterreveal_changelist")}
    return pages


@pytest.mark.django_db(transaction=True)
def test_pages_are_accessible_and_fit_the_screen(sized_page, browser_login, user, axe):
    browser_login(sized_page, user)
    problems = []

    for name, address in addresses(user).items():
        sized_page.goto(address)
        problems += [f"{name}: {problem}" for problem in axe(sized_page)]
        width = sized_page.evaluate("document.documentElement.scrollWidth")
        problems += [f"{name} is {width} wide"] if width > sized_page.viewport_size["width"] else []

    assert problems == []


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("width", [400, 1280])
def test_the_desk_is_quiet_and_fits(new_context, browser_login, user, axe, console, width):
    console.allow("Applying inline style")  # axe does it itself, to look at what a script has hidden
    console.allow("404")  # axe looks for the style sheets that Django's import beside the page
    officer = StaffFactory(is_superuser=True)
    actions.reveal_reporter(reports(user)["new"], reason=LONG, by=officer)
    page = new_context(viewport={"width": width, "height": 800}).new_page()
    browser_login(page, officer)
    problems = []

    for name, address in desk_addresses(user).items():
        assert page.goto(address).status == 200, name
        # of lists Django draws most itself
        problems += [f"{name}: {problem}" for problem in axe(page)] if name.startswith("own-") else []
        wide = page.evaluate("document.documentElement.scrollWidth")
        problems += [f"{name} is {wide} wide"] if wide > width else []

    assert problems == []


@pytest.mark.django_db
def test_pages_are_valid_html(client, user, nu):
    client.force_login(user)
    pages = {name: client.get(address).content.decode() for name, address in addresses(user).items()}
    pages["refused"] = client.post(NEW, {"coordinates": "?"}).content.decode()

    assert nu(pages) == []


def fill_in(page, *, reporter):
    page.get_by_role("radio", name="Подключились без договора").check()
    page.get_by_role("checkbox", name="Наброс на провод").check()
    page.get_by_role("checkbox", name="Другое").check()
    page.get_by_label("Что вы видели").fill("С опоры к вагончику тянется кабель.")
    page.get_by_label("Когда замечено").fill("2026-01-12T18:30")
    page.get_by_label("Место", exact=True).fill("Пустырь за рынком")
    page.get_by_role("radio", name=reporter).check()


def test_the_way_of_an_anonymous_report(sized_page, browser_login, transactional_db):
    page = sized_page
    user, inspector = ConsumerFactory().user, StaffFactory(group="inspector")
    browser_login(page, user)

    page.goto(NEW)
    page.get_by_role("button", name="Сообщить о нарушении").click()
    assert page.locator("[data-error-summary]").evaluate("node => node === document.activeElement")
    page.get_by_role("checkbox", name="Там опасно прямо сейчас").check()
    fill_in(page, reporter="Не показывать моё имя")
    assert not page.get_by_label("Как связаться").is_visible()
    page.get_by_role("button", name="Сообщить о нарушении").dblclick()
    page.wait_for_url(re.compile(r"/requests/[0-9-]+/$"))
    own_page = page.url
    assert "Если там опасно, позвоните сейчас" in page.content()
    report = ServiceRequest.objects.get()

    browser_login(page, inspector)
    page.goto(reverse("admin:requests_app_servicerequest_changelist"))
    page.get_by_role("region", name="Опасно прямо сейчас").get_by_role("link").click()
    page.get_by_role("button", name="Взять в работу").click()
    page.get_by_role("link", name="Нарушение подтвердилось").click()
    page.get_by_label("Что установила проверка").fill("Составлен акт.")
    page.get_by_role("button", name="Нарушение подтвердилось").click()
    page.get_by_text("Проверка проведена.").wait_for()
    assert "Самойлов" not in page.content()

    browser_login(page, user)
    page.goto(own_page)
    report.refresh_from_db()
    assert report.status == Status.CLOSED
    assert "Проверка проведена" in page.content()
    assert "Составлен акт" not in page.content()


def test_the_officer_learns_the_name_for_a_reason(page, browser_login, transactional_db):
    report = submitted(SERVICE, reporter="anonymous")
    browser_login(page, StaffFactory(group="dpo"))

    page.goto(reverse("admin:requests_app_servicerequest_change", args=[report.pk]))
    assert "Самойлов" not in page.content()
    page.get_by_role("link", name="Узнать заявителя").click()
    page.get_by_label("Основание").fill("Запрос полиции № 12 от 20.11.2026")
    page.get_by_role("button", name="Записать и показать").click()

    page.get_by_text("Самойлов Николай Петрович").wait_for()
    assert ReporterReveal.objects.count() == 1


# -- Where one is ---------------------------------------------------------------------------------------------------


def test_the_place_is_asked_for_only_on_a_press(new_context, browser_login, transactional_db, console):
    context = new_context(
        permissions=["geolocation"], geolocation={"latitude": 47.2220781, "longitude": 39.72, "accuracy": 12}
    )
    context.add_init_script(
        "window.asked = 0; const real = navigator.geolocation.getCurrentPosition.bind(navigator.geolocation);"
        "navigator.geolocation.getCurrentPosition = (...given) => { window.asked += 1; real(...given); };"
    )
    page = context.new_page()
    browser_login(page, ConsumerFactory().user)

    page.goto(NEW)
    page.get_by_label("Координаты").focus()
    assert page.evaluate("window.asked") == 0
    assert page.get_by_label("Координаты").input_value() == ""
    page.get_by_role("button", name="Моё местоположение").click()
    page.get_by_text("Точность около 12").wait_for()

    assert page.evaluate("window.asked") == 1
    assert page.get_by_label("Координаты").input_value() == "47.222078, 39.720000"
    fill_in(page, reporter="Моё имя и контакты могут видеть")
    page.get_by_role("button", name="Сообщить о нарушении").click()
    page.wait_for_url(re.compile(r"/requests/[0-9-]+/$"))
    assert ServiceRequest.objects.get().detail.coordinates == "47.222078, 39.720000"


def test_a_refused_place_is_explained_and_the_field_stays_free(page, browser_login, transactional_db, console):
    browser_login(page, ConsumerFactory().user)

    page.goto(NEW)
    page.get_by_label("Координаты").fill("47.2, 39.7")
    page.get_by_role("button", name="Моё местоположение").click()
    page.get_by_text("Браузер не разрешил узнать место").wait_for()

    assert page.get_by_label("Координаты").input_value() == "47.2, 39.7"
    assert page.get_by_role("button", name="Моё местоположение").is_enabled()


def test_everything_works_without_scripts(page_without_js, browser_login, transactional_db):
    page = page_without_js
    browser_login(page, ConsumerFactory().user)

    page.goto(NEW)
    assert not page.get_by_role("button", name="Моё местоположение").count()
    fill_in(page, reporter="Моё имя и контакты могут видеть")
    page.get_by_label("Координаты").fill("47,222078 39,720349")
    page.get_by_role("checkbox", name="Готов показать место").check()
    page.get_by_label("Как связаться").fill("8 863 250-31-02")
    page.get_by_label("Фотографии").set_input_files({"name": "a.jpg", "mimeType": "image/jpeg", "buffer": picture()})
    page.get_by_role("button", name="Сообщить о нарушении").click()
    page.wait_for_url(re.compile(r"/requests/[0-9-]+/$"))

    report = ServiceRequest.objects.get()
    assert report.detail.coordinates == "47.222078, 39.720349"
    assert report.detail.signs.count() == 2
    assert report.attachments.count() == 1

"""«Мои объекты» and the desk of access in Chromium: accessible, narrow enough, valid, the whole way of one object."""

import re

import pytest
from django.urls import reverse

from requests_app.models import AccessGrant, GrantStatus
from tests.factories import AccessGrantFactory, ConsumerFactory, MeterFactory, StaffFactory

OBJECTS = reverse("requests:objects")
NEW = reverse("requests:object_new")
LONG = "Оченьдлинноеслово" * 6


@pytest.fixture
def user(db):
    """A consumer with an object in every state, with long words."""
    user = ConsumerFactory().user
    point = MeterFactory(zones=3, ratio=60, model=LONG[:100], point__address=LONG, verified_until="2020-01-01").point
    MeterFactory(point=point, zones=2, is_remote=True, removed_on="2024-01-01")
    for status in GrantStatus:
        own = {"point": point} if status == GrantStatus.CONFIRMED else {}
        AccessGrantFactory(user=user, status=status, address=LONG, **own)
    return user


def addresses(user):
    grants = {grant.status: grant for grant in AccessGrant.objects.of(user)}
    pages = {"objects": OBJECTS, "object-new": NEW}
    pages |= {f"object-{status}": grant.get_absolute_url() for status, grant in grants.items()}
    for status in (GrantStatus.ASKED, GrantStatus.REFUSED):
        pages[f"withdraw-{status}"] = reverse("requests:object_withdraw", args=[grants[status].pk])
    return pages


def desk_addresses():
    pages = {
        "points": reverse("admin:requests_app_supplypoint_changelist"),
        "point": reverse(
            "admin:requests_app_supplypoint_change", args=[AccessGrant.objects.exclude(point=None)[0].point_id]
        ),
        "new-point": reverse("admin:requests_app_supplypoint_add"),
        "grants": reverse("admin:requests_app_accessgrant_changelist"),
    }
    for grant in AccessGrant.objects.all():
        pages[f"grant-{grant.status}"] = reverse("admin:requests_app_accessgrant_change", args=[grant.pk])
    names = {"confirm": GrantStatus.ASKED, "refuse": GrantStatus.ASKED, "revoke": GrantStatus.CONFIRMED}
    for name, status in names.items():
        grant = AccessGrant.objects.get(status=status)
        pages[name] = reverse(f"admin:requests_app_accessgrant_{name}", args=[grant.pk])
    pages["confirm-found"] = f"{pages['confirm']}?q={LONG}"
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
    page = new_context(viewport={"width": width, "height": 800}).new_page()
    browser_login(page, StaffFactory(group="supervisor"))
    problems = []

    for name, address in desk_addresses().items():
        assert page.goto(address).status == 200, name
        own_markup = name.startswith(("grant-", "confirm", "refuse", "revoke"))
        problems += [f"{name}: {problem}" for problem in axe(page)] if own_markup else []
        found = page.evaluate("document.documentElement.scrollWidth")
        problems += [f"{name} is {found} wide"] if found > width else []

    assert problems == []


@pytest.mark.django_db
def test_pages_are_valid_html(client, user, nu):
    client.force_login(user)
    pages = {name: client.get(address).content.decode() for name, address in addresses(user).items()}
    pages["object-refused"] = client.post(NEW, {"contract_number": ""}).content.decode()
    client.force_login(ConsumerFactory().user)
    pages["no-objects"] = client.get(OBJECTS).content.decode()

    assert nu(pages) == []


def test_an_object_is_asked_for_and_confirmed_on_any_screen(sized_page, browser_login, transactional_db):
    page = sized_page
    user, operator = ConsumerFactory().user, StaffFactory(group="operator")
    MeterFactory(serial="011076148", zones=2, point__contract_number="ТП-2019/114", point__address="ул. Портовая, 71")
    browser_login(page, user)

    page.goto(OBJECTS)
    page.get_by_role("link", name="Добавить объект").click()
    page.get_by_role("button", name="Отправить на проверку").click()
    assert page.locator("[data-error-summary]").evaluate("node => node === document.activeElement")
    page.get_by_label("Номер договора").fill("тп-2019/114")
    page.get_by_label("Номер счётчика").fill("0110 76148")
    page.get_by_role("button", name="Отправить на проверку").dblclick()
    page.wait_for_url(re.compile(r"/objects/\d+/$"))
    asked = page.url
    assert "Портовая" not in page.content()
    browser_login(page, operator)
    grant = AccessGrant.objects.get()
    page.goto(reverse("admin:requests_app_accessgrant_change", args=[grant.pk]))
    page.get_by_role("link", name="Подтвердить").click()
    page.get_by_role("radio", name="ТП-2019/114, ул. Портовая, 71").check()
    page.get_by_role("button", name="Подтвердить").click()
    page.get_by_text("Доступ подтверждён.").wait_for()
    browser_login(page, user)
    page.goto(asked)

    assert page.get_by_role("heading", level=1).inner_text() == "ул. Портовая, 71"
    assert "T2 (ночь), 23–7 ч" in page.get_by_role("region", name="Счётчики").inner_text()


def test_everything_works_without_scripts(page_without_js, browser_login, transactional_db):
    page = page_without_js
    browser_login(page, ConsumerFactory().user)

    page.goto(NEW)
    page.get_by_label("Номер договора").fill("ТП-2019/114")
    page.get_by_label("Документ на объект").set_input_files(
        {"name": "Договор.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.4\n%%EOF\n"}
    )
    page.get_by_role("button", name="Отправить на проверку").click()
    page.get_by_role("link", name="Отозвать просьбу").click()
    page.get_by_role("button", name="Отозвать просьбу").click()
    page.get_by_text("Просьба отозвана.").wait_for()

    assert AccessGrant.objects.get().status == GrantStatus.WITHDRAWN

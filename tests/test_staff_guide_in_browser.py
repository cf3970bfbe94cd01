"""The guide for staff in Chromium: accessible, narrow enough, valid, complete without scripts, fit for paper."""

import re
from urllib.parse import unquote

import pytest
from django.urls import reverse

from rsmportal.staff_guide import chapters
from tests.factories import StaffFactory

pytestmark = pytest.mark.django_db(transaction=True)

CONTENTS = reverse("staff_guide")
OWN_PART = '<!doctype html><html lang="ru"><title>Ours, without Django\'s menu</title><body>{}'


def address_of(slug):
    return reverse("staff_guide_chapter", args=[slug])


def test_pages_are_accessible_valid_and_fit_the_screen(sized_page, browser_login, axe, console, nu):
    console.allow("Applying inline style")  # axe does it itself, to look at what a script has hidden
    console.allow("404")  # axe looks for the style sheets that Django's import beside the page
    page, html, problems = sized_page, {}, {}
    browser_login(page, StaffFactory(group="operator"))

    for name, address in {
        "contents": CONTENTS,
        "found": f"{CONTENTS}?q=срок",
        "request": address_of("request"),
        "administrator": address_of("administrator"),
    }.items():
        page.goto(address)
        problems[name] = axe(page)
        if page.evaluate("document.documentElement.scrollWidth") > page.viewport_size["width"]:
            problems[name].append("wider than the screen")
        html[name] = OWN_PART.format(page.locator("#content").inner_html())

    assert not any(problems.values()), problems
    assert nu(html) == []


def test_every_chapter_fits_a_phone_and_its_pictures_load(page320, browser_login):
    browser_login(page320, StaffFactory(group="operator"))

    for chapter in chapters.guide().chapters:
        page320.goto(address_of(chapter.slug))
        for image in page320.locator(".guide-text img").all():
            image.scroll_into_view_if_needed()
        page320.wait_for_load_state("networkidle")
        assert page320.evaluate("[...document.images].filter(image => !image.naturalWidth).length") == 0, chapter.slug

        assert page320.evaluate("document.documentElement.scrollWidth") <= 320, chapter.slug


def test_a_colleague_finds_a_place_and_reads_on_without_scripts(page_without_js, browser_login):
    page = page_without_js
    browser_login(page, StaffFactory(group="operator"))

    page.goto(reverse("admin:index"))
    page.get_by_role("link", name="Руководство", exact=True).click()
    page.get_by_label("Найти в руководстве").fill("потерял телефон")
    page.get_by_role("button", name="Найти").click()
    page.get_by_role("link", name="Администратору портала: Сотрудник потерял телефон").click()
    page.wait_for_url(re.compile("/administrator/#"))
    assert unquote(page.url).endswith("#сотрудник-потерял-телефон")
    assert page.get_by_role("button", name="Напечатать").count() == 0
    page.locator("[rel=prev]").click()

    assert page.locator("h1").inner_text() == chapters.guide().chapters[-2].title


def test_on_paper_there_is_the_text_alone(page, browser_login):
    browser_login(page, StaffFactory(group="operator"))
    page.goto(address_of("queue"))
    assert page.get_by_role("button", name="Напечатать").is_visible()

    page.emulate_media(media="print")

    assert page.locator(".guide-text").is_visible()
    for part in ("#header", ".breadcrumbs", ".guide-parts", ".guide-beside", "#nav-sidebar"):
        assert not page.locator(part).is_visible(), part

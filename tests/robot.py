"""
A robot that fills in what a page requires, mends what the page complains of, and goes on until the request has its
number. It knows no service: what it reads is the page, as a person would.
"""

import re
from urllib.parse import urlsplit

from tests.files import picture

NUMBER = re.compile(r"/requests/(\d{4}-\d{6,})/$")
PAGES_AT_MOST = 6

PLAUSIBLE = {
    "text": "Ростов-на-Дону, ул. Менжинского, 2С",
    "tel": "8 (928) 123-45-67",
    "email": "buhgalter@example.org",
    "number": "5",
    "date": "2026-01-15",
    "month": "2026-01",
    "datetime-local": "2026-01-15T10:30",
}
CONTROLS = "input:not([type=hidden]), select, textarea"
IS_NEEDED = "element => element.required || element.getAttribute('aria-invalid') === 'true'"
PHOTO = "Фото счётчика.jpg"
STORY = "Счётчик у входа, дверь открыта с девяти до шести."


def file_request(page, address, answers=None):
    """
    Send the request that begins at `address` and return its number. `answers` (name of a field → value) are those that
    a stranger cannot guess: a date in the right month, a number with check digits.
    """
    page.goto(address)
    return go_through(page, answers)


def go_through(page, answers=None):
    """The same from the page that is open."""
    for _ in range(PAGES_AT_MOST):
        if found := NUMBER.search(page.url):
            return found[1]
        _go_on(page, {name: str(value) for name, value in (answers or {}).items()})
    errors = page.locator(".error-summary, .field-error").all_inner_texts()
    raise AssertionError(f"No number after {PAGES_AT_MOST} pages, at {page.url}: {errors}")


def _go_on(page, answers):
    """Fill in the form and send it; on a page that only offers a choice, take the first one."""
    form = page.locator("main form[method=post]").last
    if form.count():
        _fill(form, answers)
        with page.expect_navigation():
            form.locator("button[type=submit]").last.click()
    else:
        here = urlsplit(page.url).path.strip("/")
        with page.expect_navigation():
            page.locator(f"main a[href^='/{here}/'], main a[href^='?']").first.click()


def _fill(form, answers):
    seen = set()
    for number in range(form.locator(CONTROLS).count()):  # by its place, since an answer may show the next question
        control = form.locator(CONTROLS).nth(number)
        name = control.get_attribute("name") or ""
        kind = control.get_attribute("type") or control.evaluate("element => element.tagName.toLowerCase()")
        is_needed = name in answers or control.evaluate(IS_NEEDED)
        if name in seen or not is_needed or not (kind == "file" or control.is_visible()):
            continue
        seen.add(name)
        _answer(form, control, name, kind, answers.get(name))


def _answer(form, control, name, kind, given):
    if kind == "radio":
        choices = form.locator(f"input[name='{name}']:not([value=''])")
        wanted = form.locator(f"input[name='{name}'][value='{given}']") if given is not None else choices.first
        wanted.check()
    elif kind == "checkbox":
        control.check()
    elif kind == "file":
        control.set_input_files({"name": PHOTO, "mimeType": "image/jpeg", "buffer": picture()})
    elif kind == "select":
        control.select_option(given or control.locator("option:not([value=''])").first.get_attribute("value"))
    elif kind == "textarea":
        control.fill(given or STORY)
    elif not control.input_value() or given:
        control.fill(given or PLAUSIBLE.get(kind, PLAUSIBLE["text"]))

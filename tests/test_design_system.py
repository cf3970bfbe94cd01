"""The design system keeps its promises: small, no inline code, no missing icon, no dead template."""

import re
from pathlib import Path

import brotli
import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.template.loader import get_template

from requests_app.services import SERVICES
from tests.factories import ConsumerFactory

BASE = Path(settings.BASE_DIR)
TEMPLATES = sorted((BASE / "templates").rglob("*.html"))
PAGES = [path for path in TEMPLATES if "emails" not in path.parts]  # letters have no style sheet: theirs is inline
STYLE_SHEETS = sorted((BASE / "static/css").glob("*.css"))
CODE = [path for app in ("accounts", "requests_app", "rsmportal") for path in (BASE / app).rglob("*.py")]


def relative(path: Path) -> str:
    return str(path.relative_to(BASE / "templates"))


def source(path: Path) -> str:
    """The template without its comments."""
    return re.sub(r"\{#.*?#\}|\{% comment %\}.*?\{% endcomment %\}", "", path.read_text(), flags=re.DOTALL)


def test_style_sheets_are_small():
    compressed = sum(len(brotli.compress(path.read_bytes())) for path in STYLE_SHEETS)

    assert compressed < 25 * 1024


def test_style_sheets_load_nothing():
    for path in STYLE_SHEETS:
        assert not re.search(r"url\(|@import", path.read_text()), path.name


def test_every_token_that_is_used_is_defined():
    for path in STYLE_SHEETS:
        css = path.read_text()
        used = set(re.findall(r"var\((--[\w-]+)\)", css))
        defined = set(re.findall(r"(--[\w-]+):", css))
        assert used - defined == set(), path.name


@pytest.mark.parametrize("path", PAGES, ids=relative)
def test_template_has_no_inline_style_or_script(path):
    html = source(path)

    assert not re.search(r"<style|\sstyle=", html)
    assert not re.search(r"\son[a-z]+\s*=|javascript:", html)
    assert all("src=" in tag for tag in re.findall(r"<script\b[^>]*>", html))


@pytest.mark.parametrize("path", TEMPLATES, ids=relative)
def test_template_compiles(path):
    get_template(relative(path))


@pytest.mark.parametrize("path", TEMPLATES, ids=relative)
def test_template_loads_nothing_from_elsewhere(path):
    assert not re.search(r"(?:src|srcset|action)=\"(?:https?:)?//|<link[^>]*href=\"(?:https?:)?//", source(path))


def test_every_icon_is_in_the_sprite():
    sprite = set(re.findall(r'<symbol id="([\w-]+)"', (BASE / "static/icons.svg").read_text()))
    used = set()
    for path in TEMPLATES:
        html = source(path)
        used |= set(re.findall(r'components/icon\.html" with name="([\w-]+)"', html))
        used |= set(re.findall(r"icons\.svg['\"] %\}#([\w-]+)", html))

    used |= {service.icon for service in SERVICES}

    assert len(used) > 10
    assert used <= sprite


def test_every_template_is_used():
    by_django = {"base.html"} | {
        relative(path) for path in TEMPLATES if relative(path).startswith(("django/", "admin/"))
    }
    by_number = {f"errors/{status}.html" for status in (400, 403, 404, 500)}
    texts = "".join(path.read_text() for path in [*CODE, *TEMPLATES])

    def is_used(name: str) -> bool:
        letter = name.removeprefix("emails/").removesuffix(".html")  # letters are called without folder and ending
        return name in by_django | by_number or name in texts or (name != letter and f'"{letter}"' in texts)

    assert [name for name in map(relative, TEMPLATES) if not is_used(name)] == []


def test_components_are_included_with_their_inputs_only():
    """Otherwise a part begins to lean on a variable that happens to be on the page."""
    for path in TEMPLATES:
        for tag in re.findall(r'\{% include "(?:components|layout|content)/[^%]*%\}', source(path)):
            assert re.search(r"\bonly %\}$", tag), f"{relative(path)}: {tag}"


def test_components_name_their_inputs():
    for path in [*(BASE / "templates/components").iterdir(), *(BASE / "templates/layout").iterdir()]:
        assert re.match(r"\{#.*[Ii]nputs?\b.*#\}", path.read_text().split("\n", 1)[0]), path.name


# -- Scripts, on the page that shows every part ---------------------------------------------------------------------


@pytest.fixture
def styleguide(page, settings, transactional_db):
    settings.DEBUG = True
    page.emulate_media(reduced_motion="reduce")
    page.goto("/styleguide/")
    return page


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_part_is_accessible(styleguide, scheme, axe):
    styleguide.emulate_media(color_scheme=scheme)
    styleguide.reload()

    assert axe(styleguide) == []


@pytest.mark.parametrize("contrast", ["light", "dark", "blue"])
def test_every_part_is_accessible_in_high_contrast(styleguide, contrast, axe):
    styleguide.context.add_cookies([{"name": "display", "value": f"contrast={contrast}", "url": styleguide.url}])
    styleguide.reload()

    assert axe(styleguide) == []


def test_every_part_fits_a_phone(page320, settings, transactional_db):
    settings.DEBUG = True

    page320.goto("/styleguide/")

    assert page320.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_every_part_is_valid_html(client, settings, nu, db):
    settings.DEBUG = True

    assert nu({"styleguide": client.get("/styleguide/").content.decode()}) == []


def test_focus_goes_to_the_summary_and_from_there_to_the_field(styleguide):
    assert styleguide.locator(":focus").get_attribute("role") == "alert"

    styleguide.get_by_role("link", name="ИНН: введено 9").click()

    assert styleguide.locator(":focus").get_attribute("id") == "id_refused-inn"


def test_password_is_shown_and_hidden_again(styleguide):
    field = styleguide.locator("#id_fields-password")
    button = field.locator("xpath=../button")
    field.fill("secret")

    button.click()
    assert field.get_attribute("type") == "text"
    assert button.get_attribute("aria-pressed") == "true"

    button.click()
    assert field.get_attribute("type") == "password"


def test_chosen_files_add_up_and_can_be_taken_out(styleguide):
    field = styleguide.locator("#id_fields-attachments")
    files = [SimpleUploadedFile("Фото.jpg", b"x" * 2048), SimpleUploadedFile("Акт.pdf", b"x" * 1024)]
    for file in files:
        field.set_input_files({"name": file.name, "mimeType": "image/jpeg", "buffer": file.read()})
    chosen = styleguide.locator("#fields .chosen-files")

    assert chosen.locator("li").count() == 2
    assert "Всего 3\N{NO-BREAK SPACE}КБ" in chosen.inner_text()

    chosen.get_by_role("button", name="Убрать Фото.jpg").click()

    assert field.evaluate("input => [...input.files].map(file => file.name)") == ["Акт.pdf"]


def test_field_shows_up_with_the_answer_that_it_depends_on(page, browser_login):
    browser_login(page, ConsumerFactory(agreed=True).user)
    page.goto("/requests/new/inquiry/")
    address = page.get_by_label("Почтовый адрес для ответа")

    assert address.is_hidden()

    page.get_by_label("Письмом по почте").check()
    assert address.is_visible()

    page.get_by_label("В личном кабинете").check()
    assert address.is_hidden()


def test_second_press_sends_nothing_but_a_later_try_does(page, live_server):
    sent = []
    page.route("**/display/", lambda route: sent.append(route) if route.request.method == "POST" else route.continue_())
    page.goto("/display/")
    button = page.get_by_role("button", name="Применить")

    # Playwright's own click would wait for the answer
    button.evaluate("button => { button.click(); setTimeout(() => button.click(), 100) }")
    page.wait_for_timeout(300)
    assert len(sent) == 1

    sent[0].fulfill(status=204)  # the page stays as it is, and Back shows it again
    page.unroute_all()
    page.evaluate("dispatchEvent(new Event('pageshow'))")
    button.click()
    page.wait_for_url("/")


@pytest.mark.parametrize("sheet", STYLE_SHEETS, ids=lambda path: path.name)
def test_every_rule_of_a_style_sheet_is_closed(sheet):
    """A brace that is lost, in a merge say, hides all rules behind it from some screens."""
    text = re.sub(r"/\*.*?\*/", "", sheet.read_text(), flags=re.DOTALL)

    assert text.count("{") == text.count("}")

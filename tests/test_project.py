"""The repository tests itself: layers, addresses, templates, names, migrations."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import django.forms
import pytest
from django.apps import apps
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.template.utils import get_app_template_dirs
from django.urls import get_resolver, reverse

from requests_app.models import Attachment, FileAccess, ServiceRequest
from requests_app.services import SERVICES
from tests.factories import AttachmentFactory, ConsumerFactory, MessageFactory, StaffFactory, submitted

BASE_DIR = Path(__file__).resolve().parent.parent
PACKAGES = ["accounts", "requests_app", "rsmportal"]
OURS = ["accounts", "requests_app", "content"]  # labels of our applications
TEMPLATES = BASE_DIR / "templates"


def modules() -> dict[str, Path]:
    """Dotted name → file of every module of ours but migrations."""
    found = {}
    for package in PACKAGES:
        for path in (BASE_DIR / package).rglob("*.py"):
            parts = path.relative_to(BASE_DIR).with_suffix("").parts
            if "migrations" not in parts:
                found[".".join(parts).removesuffix(".__init__")] = path
    return found


def templates() -> dict[str, str]:
    """Name → text of every template of ours."""
    paths = [path for path in TEMPLATES.rglob("*") if path.is_file()]
    return {path.relative_to(TEMPLATES).as_posix(): path.read_text() for path in paths}


# -- Layers ---------------------------------------------------------------------------------------------------------

PURE, DATA, ACTIONS, PAGES = range(4)
LAYERS = {
    "rsmportal.russian": PURE,
    "rsmportal.site": PURE,
    "rsmportal.display": PURE,
    "accounts.identifiers": PURE,
    "accounts.snils": PURE,
    "accounts.text_question": PURE,
    "requests_app.lifecycle": PURE,
    "requests_app.codes": PURE,
    "requests_app.deadlines": PURE,
    "requests_app.dates": PURE,
    "accounts.models": DATA,
    "accounts.fields": DATA,
    "accounts.forms": DATA,
    "accounts.legal_forms": DATA,
    "accounts.captcha": DATA,
    "accounts.limits": DATA,
    "accounts.consent": DATA,
    "requests_app.models": DATA,
    "requests_app.attachments": DATA,
    "requests_app.forms": DATA,
    "requests_app.services": DATA,
    "requests_app.terms": DATA,
    "requests_app.numbers": DATA,
    "rsmportal.content.models": DATA,
    "rsmportal.mail": DATA,
    "accounts.actions": ACTIONS,
    "requests_app.actions": ACTIONS,
    "requests_app.notifications": ACTIONS,
}


def layer_of(module: str) -> int:
    """That of the longest name above it; what is not listed is a page, a command or wires pages together."""
    while module and module not in LAYERS:
        module = module.rpartition(".")[0]
    return LAYERS.get(module, PAGES)


def imports_of(path: Path, known: set[str]) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in known)
        elif isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] in PACKAGES:
            for alias in node.names:
                submodule = f"{node.module}.{alias.name}"
                yield submodule if submodule in known else node.module


def test_imports_lead_downwards():
    known = modules()
    upwards = [
        f"{module} imports {imported}"
        for module, path in known.items()
        for imported in imports_of(path, set(known))
        if imported not in PACKAGES and layer_of(imported) > layer_of(module)
    ]

    assert upwards == []


def test_accounts_know_nothing_of_requests():
    known = modules()
    of_accounts = {module: path for module, path in known.items() if module.startswith("accounts")}

    strange = [
        module
        for module, path in of_accounts.items()
        if any(imported.startswith("requests_app") for imported in imports_of(path, set(known)))
    ]

    assert strange == []


def test_listed_layers_are_modules():
    assert set(LAYERS) <= set(modules())


# -- Addresses ------------------------------------------------------------------------------------------------------

# What everybody may open; every other address asks for a login.
PUBLIC = {
    "home",
    "about",
    "help",
    "services",
    "contacts",
    "news",
    "news_detail",
    "display_settings",
    "styleguide",
    "healthz",
    "accounts:consent",
    "accounts:privacy",
    "accounts:register",
    "accounts:captcha_challenge",
    "accounts:login",
    "accounts:logout",
    "accounts:password_reset",
    "accounts:password_reset_done",
    "accounts:password_reset_confirm",
    "accounts:password_reset_complete",
    "accounts:confirm_email",
    "admin:login",
    "admin:logout",
}
# Parts of addresses that lead to nobody's data.
HARMLESS = {"slug", "uidb64", "token", "purpose", "app_label", "content_type_id", "content_id"}
# Parts of addresses that name a request, a file, or in the admin any row.
OWNED = {"number", "pk", "name", "object_id", "id"}


def url_patterns(resolver=None, namespace="") -> Iterator[tuple[str, set[str]]]:
    """(name with namespaces, names of parameters) of every address; the admin's unnamed ones only redirect."""
    for pattern in (resolver or get_resolver()).url_patterns:
        if hasattr(pattern, "url_patterns"):
            yield from url_patterns(pattern, f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace)
        elif pattern.name:
            yield namespace + pattern.name, set(pattern.pattern.regex.groupindex)


PATTERNS = dict(url_patterns())


SAMPLES = {
    "slug": "inquiry",
    "purpose": "news",
    "app_label": "accounts",
    "content_id": "0" * 32,
    "number": "2026-000001",
    "name": "take",
}


def address(url_name: str, **values) -> str:
    parts = PATTERNS[url_name]
    return reverse(url_name, kwargs={part: values.get(part) or SAMPLES.get(part) or 1 for part in parts})


def test_every_part_of_an_address_is_known():
    """A new one is either harmless or must be tried by the tests below."""
    assert {part for parts in PATTERNS.values() for part in parts} <= HARMLESS | OWNED


def test_public_addresses_exist():
    assert set(PATTERNS) >= PUBLIC


@pytest.mark.django_db
@pytest.mark.parametrize("method", ["get", "post"])
def test_everything_else_asks_for_a_login(client, method):
    logins = (reverse("accounts:login"), reverse("admin:login"))
    file = {"pk": "7b9d5c1e-8a0f-4d55-9a3b-d0c8f1a3e111"}
    open_addresses = []

    for name in PATTERNS.keys() - PUBLIC:
        response = getattr(client, method)(address(name, **(file if name == "requests:file" else {})))
        if response.status_code != 302 or not response.url.startswith(logins):
            open_addresses.append(f"{name}: {response.status_code}")

    assert open_addresses == []


# -- A stranger -----------------------------------------------------------------------------------------------------

READ_ONLY = {"requests:detail", "requests:receipt", "requests:file"}
SECRET = "Сорвана пломба в подвале на Портовой"


@pytest.fixture
def service_request():
    """Of somebody else, with a message, a file and an access to it."""
    service_request = submitted(SERVICES[0], owner=ConsumerFactory(last_name="Приходько").user, question=SECRET)
    MessageFactory(service_request=service_request, body=SECRET)
    FileAccess.objects.create(attachment=AttachmentFactory(service_request=service_request), by=service_request.owner)
    return service_request


def addresses_of(service_request) -> dict[str, str]:
    """Every address outside the admin that leads to this request or its file, each step of the life cycle apart."""
    steps = ["withdraw", "accept", "dispute", "supply", "take", "nonsense"]
    found = {}
    for name, parts in PATTERNS.items():
        if name.startswith("admin:") or not parts & OWNED:
            continue
        for step in steps if "name" in parts else [""]:
            values = {"number": service_request.number, "name": step, "pk": service_request.attachments.get().pk}
            found[f"{name} {step}".strip()] = address(name, **values)
    return found


@pytest.mark.django_db
@pytest.mark.parametrize("method", ["get", "post", "head"])
def test_a_stranger_gets_404_on_every_address_of_a_request(client, service_request, method):
    client.force_login(ConsumerFactory(agreed=True).user)
    open_addresses = []

    for name, url in addresses_of(service_request).items():
        response = getattr(client, method)(url, {"body": "Чужое", "comment": "Чужое"} if method == "post" else None)
        is_for_nobody = response.status_code == 405 and name in READ_ONLY  # refused before anything was looked up
        if response.status_code != 404 and not is_for_nobody:
            open_addresses.append(f"{name}: {response.status_code}")
        assert SECRET not in response.content.decode()

    assert open_addresses == []
    assert_untouched(service_request)


@pytest.mark.django_db
@pytest.mark.parametrize("method", ["get", "post"])
def test_anonymous_is_led_to_the_login_from_every_address_of_a_request(client, service_request, method):
    for url in addresses_of(service_request).values():
        response = getattr(client, method)(url)

        assert response.status_code == 302
        assert response.url.startswith(reverse("accounts:login"))
    assert_untouched(service_request)


@pytest.mark.django_db
@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("group", ["consumer", "", "editor"])
def test_the_admin_shows_no_request_to_consumers_and_to_staff_of_other_work(client, service_request, method, group):
    by = ConsumerFactory(agreed=True).user if group == "consumer" else StaffFactory(group=group)
    client.force_login(by)
    open_addresses = []

    for name, url in admin_addresses():
        response = getattr(client, method)(url)
        if response.status_code not in (302, 403, 404, 405) or SECRET in response.content.decode():
            open_addresses.append(f"{name}: {response.status_code}")

    assert open_addresses == []
    assert_untouched(service_request)


def admin_addresses() -> Iterator[tuple[str, str]]:
    """Every address of the admin for a row of ours that holds something of a request; its lists too."""
    for model in apps.get_app_config("requests_app").get_models():
        row = model._default_manager.order_by("pk").first()
        prefix = f"admin:{model._meta.app_label}_{model._meta.model_name}_"
        for name in PATTERNS:
            if name.startswith(prefix):
                yield name, address(name, pk=row and row.pk, object_id=row and row.pk)


def assert_untouched(service_request) -> None:
    assert service_request.status_changes.count() == service_request.messages.count() == 1
    assert ServiceRequest.objects.count() == Attachment.objects.count() == FileAccess.objects.count() == 1


# -- Templates ------------------------------------------------------------------------------------------------------


def test_every_template_is_used():
    code = "\n".join(path.read_text() for path in modules().values())
    texts = code + "\n".join(templates().values())
    unused = [
        name for name in templates() if name not in texts and not is_override(name) and not is_composed(name, code)
    ]

    assert unused == []


def is_override(name: str) -> bool:
    """Does it stand in the place of a template of Django or of a package, maybe for one model of the admin?"""
    of_every_model = re.sub(r"^admin/[a-z_]+/[a-z]+/", "admin/", name)
    folders = [*get_app_template_dirs("templates"), Path(django.forms.__file__).parent / "templates"]
    return any((folder / of_every_model).exists() for folder in folders)


def is_composed(name: str, code: str) -> bool:
    """`mail.queue("new_message", …)` takes emails/new_message.txt and .html; an error page is named by its status."""
    folder, _, rest = name.partition("/")
    stem = rest.rpartition(".")[0]
    return (folder == "emails" and f'"{stem}"' in code) or (folder == "errors" and f"{stem})" in code)


INLINE = {
    "style attribute": r"\sstyle\s*=",
    "style sheet": r"<style\b",
    "script": r"<script\b(?![^>]*\bsrc=)",
    "event handler": r"<[^>]*\son[a-z]+\s*=",
    "script address": r"javascript:",
}


@pytest.mark.parametrize("kind", INLINE)
def test_nothing_inline_that_the_policy_would_block(kind):
    """Letters have no Content-Security-Policy and carry their style sheet themselves."""
    pages = {name: text for name, text in templates().items() if not name.startswith("emails/")}

    assert [name for name, text in pages.items() if re.search(INLINE[kind], text, re.IGNORECASE)] == []


def test_nothing_is_loaded_from_elsewhere():
    addresses = r"""(?:src|href|action)\s*=\s*["']?(?:https?:)?//"""

    assert [name for name, text in templates().items() if re.search(addresses, text)] == []


# -- Names and sizes ------------------------------------------------------------------------------------------------


def our_models():
    return [model for label in OURS for model in apps.get_app_config(label).get_models()]


@pytest.mark.parametrize("model", our_models(), ids=lambda model: model.__name__)
def test_models_are_named_in_lower_case_russian(model):
    for name in (model._meta.verbose_name, model._meta.verbose_name_plural):
        assert name == name.lower()
        assert re.search("[а-яё]", name)


@pytest.mark.parametrize("model", our_models(), ids=lambda model: model.__name__)
def test_fields_that_people_see_are_named_in_russian(model):
    ours = [field for field in model._meta.fields if not field.auto_created and field.model is model]
    plain = {"id", "email", "sha256", "ip", "password", "last_login", "is_superuser"}

    unnamed = [field.name for field in ours if not re.search("[а-яё]", str(field.verbose_name), re.IGNORECASE)]

    assert set(unnamed) <= plain


def test_no_module_is_called_by_a_word_that_says_nothing():
    empty = {"utils", "util", "helpers", "helper", "common", "misc", "managers", "service_layer", "tools"}

    assert [name for name in modules() if name.rpartition(".")[2] in empty] == []


def test_request_is_the_http_request_and_nothing_else():
    """One of the things a consumer asked for is a `service_request`."""
    wrong = []
    for name, path in modules().items():
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.arg) and node.arg == "request" and node.annotation:
                wrong += [name] if "ServiceRequest" in ast.unparse(node.annotation) else []
            elif isinstance(node, ast.Assign | ast.For | ast.comprehension):
                value = node.value if isinstance(node, ast.Assign) else node.iter
                targets = node.targets if isinstance(node, ast.Assign) else [node.target]
                is_ours = re.search(r"\bServiceRequest\b|service_request", ast.unparse(value))
                wrong += [name] if is_ours and any(ast.unparse(target) == "request" for target in targets) else []

    assert wrong == []
    assert not [model for model in our_models() if "request" in {field.name for field in model._meta.get_fields()}]


def test_files_are_short():
    """About 300 lines; a longer one tells several stories and is split by them."""
    paths = [*modules().values(), *TEMPLATES.rglob("*.html"), *(BASE_DIR / "static/js").glob("*.js")]
    paths += (BASE_DIR / "deploy").glob("*.py")

    assert [str(path.relative_to(BASE_DIR)) for path in paths if len(path.read_text().splitlines()) > 350] == []


def test_nothing_is_left_for_later():
    marks = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")
    texts = {**templates(), **{name: path.read_text() for name, path in modules().items()}}

    assert [name for name, text in texts.items() if marks.search(text)] == []


# -- Migrations, documents, the demo --------------------------------------------------------------------------------


@pytest.mark.django_db
def test_migrations_are_complete():
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


@pytest.mark.django_db
def test_migrations_can_be_taken_back():
    migrations = MigrationLoader(connection).disk_migrations
    stuck = [
        f"{label}.{name}: {operation}"
        for (label, name), migration in migrations.items()
        for operation in migration.operations
        if label in OURS and not operation.reversible
    ]

    assert stuck == []


def test_documents_name_every_service():
    texts = "\n".join(path.read_text() for path in [BASE_DIR / "README.md", *(BASE_DIR / "docs").glob("*.md")])

    assert [service.slug for service in SERVICES if service.slug not in texts] == []


@pytest.mark.django_db
def test_the_demo_with_its_public_password_does_not_run_on_a_server():
    assert settings.DEBUG is False

    with pytest.raises(CommandError, match="DEBUG"):
        call_command("demo")

    assert not apps.get_model("accounts.User").objects.exists()

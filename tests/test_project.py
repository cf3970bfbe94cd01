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

from requests_app.services import SERVICES

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
    "requests_app.supply_keys": PURE,
    "requests_app.name_keys": PURE,
    "requests_app.services.appointment.slots": PURE,
    "requests_app.services.appointment.life": PURE,
    "requests_app.tables": PURE,
    "requests_app.reading_rules": PURE,
    "requests_app.reading_windows": PURE,
    "requests_app.reading_chart": PURE,
    "requests_app.amounts": PURE,
    "requests_app.months": PURE,
    "requests_app.payment": PURE,
    "rsmportal.payee": PURE,
    "requests_app.reports.period": PURE,
    "rsmportal.qr": PURE,
    "accounts.sealed": PURE,
    "accounts.second_factor": DATA,
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
    "requests_app.access_forms": DATA,
    "requests_app.grade_forms": DATA,
    "requests_app.services": DATA,
    "requests_app.supply_import": DATA,
    "requests_app.terms": DATA,
    "requests_app.numbers": DATA,
    "requests_app.start_page": DATA,
    "requests_app.quality": DATA,
    "requests_app.unseen": DATA,
    "requests_app.colleagues": DATA,
    "requests_app.placeholders": PURE,
    "rsmportal.append_only": DATA,
    "rsmportal.content.models": DATA,
    "rsmportal.mail": DATA,
    "accounts.actions": ACTIONS,
    "accounts.trail": ACTIONS,
    "rsmportal.tracked": PURE,
    "requests_app.actions": ACTIONS,
    "requests_app.notifications": ACTIONS,
    "requests_app.reminders": ACTIONS,
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


# -- Templates ------------------------------------------------------------------------------------------------------


def test_every_template_is_used():
    code = "\n".join(path.read_text() for path in modules().values())
    texts = code + "\n".join(templates().values())
    unused = [
        name for name in templates() if name not in texts and not is_override(name) and not is_composed(name, code)
    ]

    assert unused == []


def is_override(name: str) -> bool:
    """Does it stand in the place of a template of Django or of a package, maybe for one model or app of the admin?"""
    names = {name, re.sub(r"^admin/([a-z_]+/){1,2}", "admin/", name)}
    folders = [*get_app_template_dirs("templates"), Path(django.forms.__file__).parent / "templates"]
    return any((folder / overridden).exists() for folder in folders for overridden in names)


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

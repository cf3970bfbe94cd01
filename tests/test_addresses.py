"""Every address of the portal: public by name, or for those who are logged in; a request or an object for its owner alone."""

from collections.abc import Iterator

import pytest
from django.apps import apps
from django.urls import get_resolver, reverse

from requests_app.models import (
    AccessGrant,
    Attachment,
    CannedReply,
    FileAccess,
    GrantStatus,
    Invoice,
    Meter,
    ReadingSheet,
    ServiceRequest,
)
from requests_app.services import SERVICES
from requests_app.services.survey.models import Survey
from tests.factories import (
    AccessGrantFactory,
    AttachmentFactory,
    ConsumerFactory,
    InvoiceFactory,
    IssuedDocumentFactory,
    MessageFactory,
    MeterFactory,
    StaffFactory,
    SupplyPointFactory,
    submitted,
)
from tests.surveys import make_survey

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
    "requests:reading_reminders_off",
}
# Parts of addresses that lead to nobody's data.
HARMLESS = {
    "slug",
    "day",
    "uidb64",
    "token",
    "purpose",
    "app_label",
    "model",
    "content_type_id",
    "content_id",
    "ending",
    "table",
}
# Parts of addresses that name a request, a file, or in the admin any row.
OWNED = {"number", "pk", "name", "object_id", "id", "file"}
HARMLESS |= {"page"}  # of a file


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
    "day": "2026-11-26",
    "table": "4.9",
    "file": "7b9d5c1e-8a0f-4d55-9a3b-d0c8f1a3e111",
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

READ_ONLY = {"requests:detail", "requests:receipt", "requests:file", "requests:object", "requests:invoice"}
READ_ONLY |= {"requests:meter_history", "requests:meter_table", "requests:sheet_sent", "requests:calendar"}
SECRET = "Сорвана пломба в подвале на Портовой"


@pytest.fixture
def service_request():
    """Of somebody else, with a message, a file and an access to it; and the object of the same consumer."""
    service_request = submitted(SERVICES[0], owner=ConsumerFactory(last_name="Приходько").user, question=SECRET)
    MessageFactory(service_request=service_request, body=SECRET)
    FileAccess.objects.create(attachment=AttachmentFactory(service_request=service_request), by=service_request.owner)
    meter = MeterFactory(point=SupplyPointFactory(address=SECRET), model=SECRET)
    _with_invoice(service_request)
    AccessGrantFactory(user=service_request.owner, status=GrantStatus.CONFIRMED, point=meter.point, address=SECRET)
    ReadingSheet.objects.create(by=service_request.owner, file_name=SECRET, file="sheets/none", sha256="0" * 64)
    return service_request


def _with_invoice(service_request):
    paper = {"service_request": service_request, "attachment": service_request.attachments.get(), "title": SECRET}
    InvoiceFactory(document=IssuedDocumentFactory(**paper), service_name=SECRET)


def addresses_of(service_request) -> dict[str, str]:
    """Every address outside the admin that leads to this request, its file or the object, each step apart."""
    steps = ["withdraw", "accept", "dispute", "supply", "take", "nonsense"]
    survey = Survey.objects.first() or make_survey(title=SECRET, for_persons=False)
    found = {}
    for name, parts in PATTERNS.items():
        if name.startswith("admin:") or not parts & OWNED:
            continue
        owned = AccessGrant.objects.get() if "object" in name else service_request.attachments.get()
        owned = survey if name == "requests:survey" else owned
        if "meter" in name:
            owned = Meter.objects.get()
        owned = Invoice.objects.get() if "invoice" in name else owned
        if "sheet" in name:
            owned = ReadingSheet.objects.get()
        for step in steps if "name" in parts else [""]:
            values = {"number": service_request.number, "name": step, "pk": owned.pk}
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
    models = set(apps.get_app_config("requests_app").get_models()) - {CannedReply}  # which says nothing of a request
    for model in models:
        row = model._default_manager.order_by("pk").first()
        prefix = f"admin:{model._meta.app_label}_{model._meta.model_name}_"
        for name in PATTERNS:
            if name.startswith(prefix):
                file = Attachment.objects.values_list("pk", flat=True).first()
                yield name, address(name, pk=row and row.pk, object_id=row and row.pk, file=file)


def assert_untouched(service_request) -> None:
    assert service_request.status_changes.count() == service_request.messages.count() == 1
    assert ServiceRequest.objects.count() == Attachment.objects.count() == FileAccess.objects.count() == 1
    assert AccessGrant.objects.get().status == GrantStatus.CONFIRMED

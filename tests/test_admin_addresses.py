"""
Every address of the desk, of our applications and of what the packages bring along: who may open it. The pages of
requests stand in `test_admin_permissions`; a new address that is in neither table fails here.
"""

import pytest
from django.contrib.auth.models import Group
from django.urls import get_resolver, reverse
from django.utils import timezone
from post_office.models import Email

from accounts.models import Change, ConsentDocument, ConsentEvent, DataView, Look
from rsmportal.content.models import News
from tests.factories import ConsumerFactory, StaffFactory, SupplyPointFactory
from tests.test_admin_permissions import GROUPS, LOGIN, TABLE, address, log_in, rows  # noqa: F401  `rows` is a fixture

pytestmark = pytest.mark.django_db

EVERYBODY = [*GROUPS[:5], "inspector", *GROUPS[5:]]
_NOBODY = dict.fromkeys(EVERYBODY, 403) | {"consumer": LOGIN, "stranger": LOGIN}


def opens(*groups, status=200):
    """For these and for administrators."""
    return _NOBODY | dict.fromkeys(["superuser", *groups], status)


STAFF = opens(*EVERYBODY[1:-2])
CARD = opens("supervisor", "operator", "dpo")
ADMINISTRATOR = opens()
OFFICER = opens("dpo")
REFUSED = _NOBODY

# Name of the address → what it answers to each.
OTHERS = {
    "index": STAFF,
    "accounts:second_factor": STAFF | dict.fromkeys(EVERYBODY[:-2], 302) | {"consumer": 404},  # led on: not wanted
    "accounts:second_factor_device": STAFF | {"consumer": 404},
    "accounts:security": STAFF | {"consumer": 404},
    "login": dict.fromkeys(EVERYBODY, 302) | {"stranger": 200, "consumer": 200},
    "logout": dict.fromkeys(EVERYBODY, 405) | {"consumer": 302, "stranger": LOGIN},
    "password_change": STAFF,
    "password_change_done": STAFF,
    "jsi18n": STAFF,
    "autocomplete": OFFICER,  # of users
    "view_on_site": STAFF | dict.fromkeys(EVERYBODY[:-2], 404),
    "app_list": ADMINISTRATOR | dict.fromkeys(EVERYBODY[1:-2], 404),  # of «Пользователи и группы»
    "accounts_user_changelist": OFFICER,
    "accounts_user_add": ADMINISTRATOR,
    "accounts_user_change": OFFICER,
    "accounts_user_history": OFFICER,
    "accounts_user_delete": REFUSED,
    "accounts_user_second_factor": ADMINISTRATOR | {"superuser": 404},  # that colleague has none
    "auth_user_password_change": ADMINISTRATOR,
    "accounts_consumer_changelist": CARD,
    "accounts_consumer_add": REFUSED,
    "accounts_consumer_change": CARD,
    "accounts_consumer_history": CARD,
    "accounts_consumer_delete": REFUSED,
    "accounts_consumer_snils": opens("supervisor"),
    "accounts_consentdocument_changelist": OFFICER,
    "accounts_consentdocument_add": REFUSED,
    "accounts_consentdocument_change": OFFICER,
    "accounts_consentdocument_history": OFFICER,
    "accounts_consentdocument_delete": REFUSED,
    "accounts_consentdocument_new_version": STAFF | dict.fromkeys(EVERYBODY[:-2], 405),
    "accounts_consentevent_changelist": OFFICER,
    "accounts_consentevent_add": REFUSED,
    "accounts_consentevent_change": OFFICER,
    "accounts_consentevent_history": OFFICER,
    "accounts_consentevent_delete": REFUSED,
    "accounts_dataview_changelist": OFFICER,
    "accounts_dataview_add": REFUSED,
    "accounts_dataview_change": OFFICER,
    "accounts_dataview_history": OFFICER,
    "accounts_dataview_delete": REFUSED,
    "accounts_change_changelist": OFFICER,
    "accounts_change_add": REFUSED,
    "accounts_change_change": OFFICER,
    "accounts_change_history": OFFICER,
    "accounts_change_delete": REFUSED,
    "auth_group_changelist": ADMINISTRATOR,
    "auth_group_add": ADMINISTRATOR,
    "auth_group_change": ADMINISTRATOR,
    "auth_group_history": ADMINISTRATOR,
    "auth_group_delete": ADMINISTRATOR,
    "content_news_changelist": opens("editor"),
    "content_news_add": opens("editor"),
    "content_news_change": opens("editor"),
    "content_news_history": opens("editor"),
    "content_news_delete": opens("editor"),
    "post_office_email_changelist": ADMINISTRATOR,
    "post_office_email_add": REFUSED,
    "post_office_email_change": ADMINISTRATOR,
    "post_office_email_history": ADMINISTRATOR,
    "post_office_email_delete": ADMINISTRATOR,
    "post_office_email_image": ADMINISTRATOR | {"superuser": 404},  # our letters have none
    "post_office_email_preview": ADMINISTRATOR,
    "resend": ADMINISTRATOR | {"superuser": 302},
}

# Of requests, what the inspector opens: violation reports and nothing else.
INSPECTORS = {
    "absence_changelist": 200,  # their own
    "absence_enter": 200,
    "servicerequest_changelist": 200,
    "violationreport_changelist": 200,
    "violationreport_history": 200,
}


def names_of_the_desk():
    """Of every pattern whose address begins with /admin/."""
    patterns = get_resolver().url_patterns
    desk = next(pattern for pattern in patterns if getattr(pattern, "namespace", None) == "admin")
    names = set()

    def walk(found):
        for pattern in found:
            if hasattr(pattern, "url_patterns"):
                walk(pattern.url_patterns)
            elif pattern.name:
                names.add(pattern.name)

    walk(desk.url_patterns)
    accounts = next(pattern for pattern in patterns if getattr(pattern, "namespace", None) == "accounts")
    names |= {f"accounts:{each.name}" for each in accounts.url_patterns if str(each.pattern).startswith("admin/")}
    return names


def test_the_tables_have_every_address_of_the_desk():
    assert names_of_the_desk() == set(OTHERS) | {f"requests_app_{page}" for page in TABLE}


@pytest.fixture
def others():
    """The key of a row of each model."""
    consumer = ConsumerFactory(agreed=True)
    look = DataView.objects.create(by=StaffFactory(), kind=Look.PAGE, page="Заявка")
    SupplyPointFactory()
    news = News.objects.create(
        title="Новость", slug="news-1", summary="Коротко", body="Текст", published_at=timezone.now()
    )
    email = Email.objects.create(from_email="a@example.org", to="b@example.org", subject="Письмо", html_message="Текст")
    return {
        "user": StaffFactory().pk,
        "consumer": consumer.pk,
        "consentdocument": ConsentDocument.objects.first().pk,
        "consentevent": ConsentEvent.objects.first().pk,
        "dataview": look.pk,
        "change": Change.objects.first().pk,
        "group": Group.objects.first().pk,
        "news": news.pk,
        "email": email.pk,
    }


def where(name, others):
    if name == "autocomplete":
        return f"{reverse('admin:autocomplete')}?app_label=requests_app&model_name=servicerequest&field_name=owner"
    if name.startswith("accounts:"):
        return reverse(name)
    arguments = {"app_list": ["auth"], "view_on_site": [1, 1]}
    arguments |= {"auth_user_password_change": [others["user"]], "resend": [others["email"]]}
    arguments |= {"post_office_email_image": [others["email"], "0" * 32]}
    app, _, rest = name.partition("_")
    model, _, page = rest.removeprefix("office_").partition("_")
    if (
        name not in arguments
        and app in ("accounts", "auth", "content", "post")
        and page
        and page not in ("changelist", "add")
    ):
        arguments = {name: [others[model]]}
    return reverse(f"admin:{name}", args=arguments.get(name, []))


def answer_of(response):
    return LOGIN if "/login/" in response.get("Location", "") else response.status_code


@pytest.mark.parametrize("who", EVERYBODY)
def test_each_address_opens_for_whom_it_is_meant(client, others, who):
    log_in(client, who)

    seen = {name: answer_of(client.get(where(name, others))) for name in OTHERS}

    assert seen == {name: meant[who] for name, meant in OTHERS.items()}


@pytest.mark.parametrize("who", EVERYBODY)
def test_what_does_not_open_cannot_be_done(client, others, who):
    log_in(client, who)
    shut = [name for name, meant in OTHERS.items() if meant[who] in (403, LOGIN) and name != "logout"]

    done = {name: answer_of(client.post(where(name, others), {"post": "yes"})) for name in shut}

    assert {name: status for name, status in done.items() if status not in (403, 405, LOGIN)} == {}


def test_inspectors_open_violation_reports_alone(client, rows):  # noqa: F811
    log_in(client, "inspector")

    seen = {page: answer_of(client.get(address(page, rows))) for page in TABLE}

    assert {page: status for page, status in seen.items() if status == 200} == INSPECTORS
    assert set(seen.values()) <= {200, 302, 403, 404, 405}


@pytest.mark.parametrize("who", GROUPS)
def test_of_requests_too_what_does_not_open_cannot_be_done(client, rows, who):  # noqa: F811
    log_in(client, who)
    shut = [page for page, meant in TABLE.items() if meant[who] in (403, LOGIN)]

    done = {page: answer_of(client.post(address(page, rows), {"post": "yes"})) for page in shut}

    assert {page: status for page, status in done.items() if status not in (403, 405, LOGIN)} == {}


@pytest.mark.parametrize(
    ("listing", "filter_name"),
    [
        ("accounts_consentdocument", "purpose__exact"),
        ("requests_app_documentcopies", "kind__exact"),
        ("requests_app_invoice", "state"),
        ("requests_app_servicerequest", "status"),
    ],
)
def test_nul_in_a_filter_leads_to_the_whole_list(client, listing, filter_name):
    """PostgreSQL would refuse it in the middle of the page."""
    client.force_login(StaffFactory(is_superuser=True))
    address = reverse(f"admin:{listing}_changelist")

    response = client.get(address, {filter_name: "\x00"})

    assert (response.status_code, response.headers.get("Location")) == (302, f"{address}?e=1")

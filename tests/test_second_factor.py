"""The second step of the login of staff: codes, recovery codes, devices, and that everything is closed before it."""

import base64
import time
from datetime import timedelta

import pytest
import time_machine
from django.conf import settings as project
from django.contrib.admin.models import LogEntry
from django.contrib.auth import get_user
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django_otp.oath import totp
from post_office.models import Email

from accounts import actions, second_factor
from accounts.models import RecoveryCode, SecondFactor
from tests.factories import PASSWORD, AttachmentFactory, ConsumerFactory, ServiceRequestFactory, StaffFactory

pytestmark = pytest.mark.django_db

STEP = reverse("accounts:second_factor")
DEVICE = reverse("accounts:second_factor_device")
SECURITY = reverse("accounts:security")
DESK = reverse("admin:index")
QUEUE = reverse("admin:requests_app_servicerequest_changelist")
PAGES = [STEP, DEVICE, SECURITY]
SECRET = base64.b32encode(b"12345678901234567890").decode()


@pytest.fixture(autouse=True)
def _required(settings):
    settings.STAFF_SECOND_FACTOR = True


@pytest.fixture
def colleague():
    return StaffFactory(group="operator")


@pytest.fixture
def connected(colleague):
    """A colleague with a device, whose `codes` are for recovery."""
    colleague.codes = actions.connect_device(colleague, secret=SECRET, step=1, instead_of=None)
    return colleague


def code_of(secret=SECRET, *, steps=0):
    return f"{totp(base64.b32decode(secret), drift=steps):06}"


def wrong_code():
    right = {code_of(steps=steps) for steps in (-2, -1, 0, 1, 2)}
    return next(code for code in ("000000", "111111", "222222", "333333", "444444", "555555") if code not in right)


def browser_of(user):
    """After the password."""
    client = Client()
    client.force_login(user, project.AUTHENTICATION_BACKENDS[-1])
    return client


def desk_of(user, code=None):
    """After both steps."""
    client = browser_of(user)
    assert client.post(STEP, {"code": code or code_of()}).url == DESK
    return client


def is_open(client):
    return client.get(QUEUE).status_code == 200


# -- Closed before it -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["get", "post"])
def test_before_the_code_every_private_address_leads_to_it(connected, method):
    attachment = AttachmentFactory(service_request=ServiceRequestFactory())
    client = browser_of(connected)
    addresses = [
        DESK,
        QUEUE,
        reverse("admin:password_change"),
        reverse("admin:requests_app_servicerequest_change", args=[attachment.service_request.pk]),
        reverse("admin:requests_app_reading_export"),
        reverse("requests:file", args=[attachment.pk]),
        reverse("accounts:password_change"),
        SECURITY,
        "/admin/nothing-there/",
    ]

    answers = {address: getattr(client, method)(address) for address in addresses}

    assert {answer.status_code for answer in answers.values()} == {302}
    assert all(answer.url.startswith(f"{STEP}?next=") for answer in answers.values())


def test_before_the_code_nothing_is_done(connected):
    service_request = ServiceRequestFactory()

    browser_of(connected).post(
        reverse("admin:requests_app_servicerequest_transition", args=[service_request.pk, "take"]), {"comment": "Беру"}
    )

    service_request.refresh_from_db()
    assert service_request.assignee is None
    assert service_request.status == "registered"


def test_public_pages_and_the_way_out_stay_open(connected):
    client = browser_of(connected)

    assert client.get(reverse("home")).status_code == 200
    client.post(reverse("admin:logout"))
    assert get_user(client).is_anonymous


def test_consumers_are_asked_for_nothing():
    assert browser_of(ConsumerFactory(agreed=True).user).get(reverse("requests:cabinet")).status_code == 200


def test_where_it_is_not_required_nobody_is_asked(settings, colleague):
    settings.STAFF_SECOND_FACTOR = False

    client = browser_of(colleague)

    assert is_open(client)
    assert "Подключить приложение" in client.get(SECURITY).content.decode()


def test_who_has_connected_a_device_is_asked_in_any_case(settings, connected):
    settings.STAFF_SECOND_FACTOR = False

    assert not is_open(browser_of(connected))


def test_both_doors_lead_to_the_code(connected):
    for door in (reverse("admin:login"), reverse("accounts:login")):
        client = Client()
        client.get(reverse("accounts:consent"))
        response = client.post(door, {"username": connected.email, "password": PASSWORD, "next": QUEUE}, follow=True)

        assert response.redirect_chain[-1][0].startswith(STEP)


# -- Codes ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("steps", [-1, 0, 1])
def test_a_code_opens_the_desk(connected, steps):
    client = browser_of(connected)

    response = client.post(STEP, {"code": code_of(steps=steps), "next": QUEUE})

    assert response.url == QUEUE
    assert is_open(client)


def test_the_key_of_the_session_changes(connected):
    client = browser_of(connected)
    before = client.session.session_key

    client.post(STEP, {"code": code_of()})

    assert client.session.session_key != before


@pytest.mark.parametrize("steps", [-3, 3])
def test_a_code_of_another_time_does_not_fit(connected, steps):
    client = browser_of(connected)
    with time_machine.travel(timezone.now(), tick=False):
        response = client.post(STEP, {"code": code_of(steps=steps)})

    assert response.context["form"].errors["code"].as_data()[0].code == "wrong"
    assert not is_open(client)


def test_a_code_is_good_once(connected):
    with time_machine.travel(timezone.now(), tick=False):
        code = code_of()
        desk_of(connected, code)
        second = browser_of(connected)
        second.post(STEP, {"code": code})

        assert not is_open(second)
        assert not second_factor.use(SecondFactor.objects.get(), code_of(steps=-1))  # nor an earlier one


@pytest.mark.parametrize("shape", ["{0} {1}", "{0}-{1}", " {0}{1} ", "{0}\N{NO-BREAK SPACE}{1}"])
def test_spaces_do_not_matter(connected, shape):
    code = code_of()

    desk_of(connected, shape.format(code[:3], code[3:]))


@pytest.mark.parametrize(
    "code", ["", " ", "12345", "1234567", "абвгде", "١٢٣٤٥٦", "1\x002345", "9" * 4000, "-12345", "1e5000"]
)
def test_what_is_no_code_comes_back(connected, code):
    client = browser_of(connected)

    response = client.post(STEP, {"code": code})

    assert response.status_code == 200
    assert response.context["form"].errors["code"]
    assert 'aria-invalid="true"' in response.content.decode()
    assert not is_open(client)


def test_a_form_without_its_fields_comes_back(connected):
    for address in PAGES:
        assert desk_of_or_browser(connected, address).post(address, {"other": "1"}).status_code == 200


def desk_of_or_browser(user, address):
    """A browser for which the page has a form."""
    if address == STEP:
        return browser_of(user)
    SecondFactor.objects.update(last_step=1)
    client = desk_of(user)
    if address == DEVICE:
        SecondFactor.objects.update(last_step=1)
        client.post(SECURITY, {"password": PASSWORD, "code": code_of(), "replace": "1"})
    return client


def test_guessing_is_stopped_for_the_person_everywhere(connected):
    for _ in range(10):
        browser_of(connected).post(STEP, {"code": wrong_code()})
    client = browser_of(connected)

    response = client.post(STEP, {"code": code_of()}, REMOTE_ADDR="192.0.2.9")

    assert "Слишком много попыток" in response.content.decode()
    assert not is_open(client)


def test_guessing_slowly_is_stopped_too(connected):
    day = timezone.now().replace(hour=9, minute=0)
    for hour in range(3):
        with time_machine.travel(day + timedelta(hours=hour), tick=False):
            for _ in range(10):
                second_factor.count_try(connected)

    with time_machine.travel(day + timedelta(hours=4), tick=False), pytest.raises(second_factor.TooManyTries):
        second_factor.count_try(connected)


@pytest.mark.parametrize(
    "wanted", ["https://evil.example.org/", "//evil.example.org", "javascript:alert(1)", "", "\\\\evil"]
)
def test_the_way_on_never_leads_to_another_site(connected, wanted):
    assert browser_of(connected).post(STEP, {"code": code_of(), "next": wanted}).url == DESK


def test_a_wrong_method_is_refused(connected):
    client = desk_of(connected)

    assert {client.put(address).status_code for address in PAGES} == {405}


@pytest.mark.parametrize("address", PAGES)
def test_pages_are_for_staff_alone(client, address):
    assert client.get(address).url.startswith(reverse("accounts:login"))
    assert browser_of(ConsumerFactory(agreed=True).user).get(address).status_code == 404


# -- Recovery codes -------------------------------------------------------------------------------------------------


def test_a_recovery_code_opens_the_desk_once(connected):
    client = desk_of(connected, connected.codes[0])
    again = browser_of(connected)
    again.post(STEP, {"code": connected.codes[0]})

    assert is_open(client)
    assert not is_open(again)
    assert second_factor.recovery_codes_left(SecondFactor.objects.get()) == 9


def test_the_code_of_a_colleague_does_not_fit(connected):
    other = StaffFactory()
    codes = actions.connect_device(other, secret=second_factor.new_secret(), step=1, instead_of=None)
    client = browser_of(connected)

    client.post(STEP, {"code": codes[0]})

    assert not is_open(client)


def test_nothing_that_is_stored_opens_a_door(connected):
    with connection.cursor() as cursor:
        cursor.execute("SELECT secret FROM accounts_secondfactor")
        stored = [row[0] for row in cursor.fetchall()]
        cursor.execute("SELECT code_hash FROM accounts_recoverycode")
        stored += [row[0] for row in cursor.fetchall()]

    assert len(stored) == 11
    for secret in [
        SECRET,
        base64.b32decode(SECRET).hex(),
        *connected.codes,
        *(c.replace(" ", "") for c in connected.codes),
    ]:
        assert not any(secret in text for text in stored)


# -- Devices --------------------------------------------------------------------------------------------------------


def shown_secret(client):
    return client.get(DEVICE).context["secret"].replace(" ", "")


def test_the_first_login_connects_a_device(colleague):
    client = browser_of(colleague)
    led = client.get(QUEUE, follow=True)
    secret = led.context["secret"].replace(" ", "")

    html = client.post(DEVICE, {"code": code_of(secret), "next": QUEUE}).content.decode()

    factor = SecondFactor.objects.get(user=colleague)
    assert led.redirect_chain[-1][0].startswith(DEVICE)
    assert html.count("<li><code>") == factor.recovery_codes.count() == 10
    assert f'href="{QUEUE}"' in html
    assert is_open(client)
    assert not second_factor.use(factor, code_of(secret))  # the code that has confirmed it is used up
    assert Email.objects.get().subject


def test_the_secret_stays_until_its_device_is_connected(colleague):
    client = browser_of(colleague)
    first = shown_secret(client)

    refused = client.post(DEVICE, {"code": "12"})

    assert refused.context["form"].errors["code"].as_data()[0].code == "wrong"
    assert refused.context["secret"].replace(" ", "") == shown_secret(client) == first
    assert not is_open(client)


def test_the_code_names_portal_and_colleague(settings, colleague):
    address = second_factor.address_of(SECRET, colleague)

    assert address.startswith("otpauth://totp/%D0%A0%D0%A1%D0%9C%20")
    assert f"secret={SECRET}&issuer=" in address
    assert colleague.email.replace("@", "%40") in address


def test_who_knows_the_password_alone_connects_no_second_device(connected):
    client = browser_of(connected)

    assert client.get(DEVICE).url == STEP
    assert client.post(DEVICE, {"code": code_of()}).url == STEP
    assert not is_open(client)


def test_a_second_window_does_not_take_the_place_of_the_first(colleague):
    windows = [browser_of(colleague) for _ in range(2)]
    secrets = [shown_secret(window) for window in windows]
    windows[0].post(DEVICE, {"code": code_of(secrets[0])})

    response = windows[1].post(DEVICE, {"code": code_of(secrets[1])})

    assert response.url == STEP
    with pytest.raises(actions.AlreadyConnected):
        actions.connect_device(colleague, secret=secrets[1], step=1, instead_of=None)
    assert not is_open(windows[1])


def test_another_device_takes_the_password_and_a_code(connected):
    client = desk_of(connected)
    elsewhere = desk_of(connected, connected.codes[1])
    assert client.get(DEVICE).url == SECURITY

    led = client.post(SECURITY, {"password": PASSWORD, "code": connected.codes[0], "replace": "1"})
    secret = shown_secret(client)
    html = client.post(DEVICE, {"code": code_of(secret)}).content.decode()

    assert led.url == DEVICE
    assert "Коды восстановления" in html
    assert is_open(client)
    assert not is_open(elsewhere)  # it was opened with the old device
    assert SecondFactor.objects.get().recovery_codes.count() == RecoveryCode.objects.count() == 10
    assert not second_factor.use(SecondFactor.objects.get(), connected.codes[2])
    assert client.get(DEVICE).url == SECURITY  # one device for one confirmation


def test_the_leave_to_replace_ends(connected):
    client = desk_of(connected)
    client.post(SECURITY, {"password": PASSWORD, "code": connected.codes[0], "replace": "1"})

    with time_machine.travel(timezone.now() + timedelta(minutes=11)):
        assert client.get(DEVICE).url == SECURITY


def test_new_recovery_codes_take_the_place_of_the_old(connected):
    client = desk_of(connected)

    html = client.post(SECURITY, {"password": PASSWORD, "code": connected.codes[0], "renew": "1"}).content.decode()

    factor = SecondFactor.objects.get()
    new = html.split("<li><code>")[1].split("<")[0]
    assert html.count("<li><code>") == RecoveryCode.objects.count() == 10
    assert not second_factor.use(factor, connected.codes[1])
    assert second_factor.use(factor, new)


@pytest.mark.parametrize(("password", "fits", "field"), [("не тот", True, "password"), (PASSWORD, False, "code")])
def test_both_are_needed_to_change_anything(connected, password, fits, field):
    client = desk_of(connected)
    code = connected.codes[0] if fits else wrong_code()

    response = client.post(SECURITY, {"password": password, "code": code, "renew": "1"})

    assert list(response.context["form"].errors) == [field]
    assert second_factor.recovery_codes_left(SecondFactor.objects.get()) == 10  # and the code is not used up


# -- Lost -----------------------------------------------------------------------------------------------------------


def reset_page(user):
    return reverse("admin:accounts_user_second_factor", args=[user.pk])


@pytest.fixture
def administrator():
    administrator = StaffFactory(is_superuser=True)
    administrator.codes = actions.connect_device(administrator, secret=SECRET, step=1, instead_of=None)
    return administrator


def test_an_administrator_resets_it_with_a_reason(connected, administrator):
    theirs, client = desk_of(connected), desk_of(administrator)
    Email.objects.all().delete()

    page = client.get(reverse("admin:accounts_user_change", args=[connected.pk])).content.decode()
    response = client.post(reset_page(connected), {"reason": "Потерян телефон, звонила сама"})

    assert reset_page(connected) in page
    assert response.status_code == 302
    assert not SecondFactor.objects.filter(user=connected).exists()
    assert "Потерян телефон, звонила сама" in LogEntry.objects.get().change_message
    assert Email.objects.get().to == [connected.email]
    assert theirs.get(QUEUE, follow=True).redirect_chain[-1][0].startswith(DEVICE)


def test_without_a_reason_nothing_is_reset(connected, administrator):
    response = desk_of(administrator).post(reset_page(connected), {"reason": " "})

    assert response.context["form"].errors["reason"]
    assert SecondFactor.objects.filter(user=connected).exists()


@pytest.mark.parametrize("group", ["supervisor", "operator", "dpo"])
def test_nobody_else_resets_it(connected, group):
    other = StaffFactory(group=group)
    actions.connect_device(other, secret=SECRET, step=1, instead_of=None)

    assert desk_of(other).post(reset_page(connected), {"reason": "Просто так"}).status_code == 403
    assert SecondFactor.objects.filter(user=connected).exists()


def test_there_is_nothing_to_reset_for_oneself_and_for_who_has_none(administrator):
    client = desk_of(administrator)

    assert client.get(reset_page(administrator)).status_code == 404
    assert client.get(reset_page(StaffFactory())).status_code == 404


def test_the_server_resets_it_for_the_only_administrator(administrator):
    call_command("reset_second_factor", administrator.email.upper())

    assert not SecondFactor.objects.exists()
    with pytest.raises(CommandError):
        call_command("reset_second_factor", administrator.email)


# -- Cost -----------------------------------------------------------------------------------------------------------


def test_a_page_of_the_desk_costs_no_more_queries(settings, connected, django_assert_num_queries):
    client = desk_of(connected)

    with django_assert_num_queries(6):  # as without it: session, user with device, two of permissions, count, rows
        client.get(reverse("admin:requests_app_inquiry_changelist"))


def test_the_clock_of_the_application_is_ours():
    """RFC 6238, appendix B: at 59 seconds the code of this secret is 94287082."""
    with time_machine.travel(59, tick=False):
        assert time.time() == 59
        assert second_factor.matching_step(SECRET, "287082") == 1

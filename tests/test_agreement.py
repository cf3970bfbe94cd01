"""The agreement: asked once before the cabinet, never ticked for anybody, recorded as it was shown."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from accounts import consent
from accounts.models import ConsentAction, ConsentDocument, ConsentEvent, Purpose
from tests.factories import PASSWORD, ConsumerFactory, StaffFactory, accept_agreement, publish

pytestmark = pytest.mark.django_db

CONSENT = reverse("accounts:consent")
PRIVACY = reverse("accounts:privacy")
LOGIN = reverse("accounts:login")
REGISTER = reverse("accounts:register", args=["person"])


def shown_on(page):
    """The mark of the texts that the page shows."""
    return re.search(r'name="shown" value="([^"]*)"', page.content.decode())[1]


def agree(client, *, to=LOGIN, **ticks):
    """What a reader does: opens the page, ticks, presses «Продолжить»."""
    page = client.get(CONSENT, {"next": to})
    return client.post(CONSENT, {"next": to, "shown": shown_on(page), "accept": "on", **ticks})


def code_of(response):
    return response.context["form"].errors.as_data()["accept"][0].code


def log_in(client, user, **fields):
    return client.post(LOGIN, {"username": user.email, "password": PASSWORD, **fields})


# -- The page -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("address", [LOGIN, f"{LOGIN}?next=/requests/new/", REGISTER, "/accounts/register/company/"])
def test_login_and_registration_lead_through_it_the_first_time(client, address):
    response = client.get(address)

    assert response.status_code == 302
    assert response["Location"].startswith(CONSENT)
    assert client.get(response["Location"]).context["next"] == address


@pytest.mark.parametrize("address", [LOGIN, f"{LOGIN}?next=/requests/new/", REGISTER])
def test_accepted_it_leads_on_and_is_not_asked_again(client, address):
    response = agree(client, to=address)

    assert (response.status_code, response["Location"]) == (302, address)
    assert client.get(address).status_code == 200
    assert client.get(LOGIN).status_code == 200
    assert client.get(REGISTER).status_code == 200


def test_page_shows_all_that_is_agreed_to(client):
    html = client.get(CONSENT).content.decode()

    assert "<title>Соглашение о конфиденциальности" in html
    assert "Принять условия, продолжив вход или регистрацию" in html
    for document in consent.documents().values():
        assert all(block.text in html for block in document.blocks)
        assert all(point in html for point in document.summary_points)


def test_nothing_is_ticked_beforehand(client):
    assert "checked" not in client.get(CONSENT).content.decode()


def test_without_the_tick_it_goes_nowhere(client):
    response = client.post(CONSENT, {"next": REGISTER, "news": "on"})

    assert (response.status_code, code_of(response)) == (200, "required")
    assert response.context["next"] == REGISTER
    assert client.get(REGISTER).status_code == 302


def test_new_version_that_came_out_meanwhile_is_shown_before_it_is_agreed_to(client):
    read = shown_on(client.get(CONSENT))
    publish(Purpose.REGISTRATION, text="Совсем другой текст.")

    response = client.post(CONSENT, {"next": LOGIN, "shown": read, "accept": "on"})

    html = response.content.decode()
    assert code_of(response) == "outdated"
    assert "Совсем другой текст." in html
    assert "checked" not in html
    assert shown_on(response) != read
    assert agree(client)["Location"] == LOGIN


@pytest.mark.parametrize(
    "evil",
    ["https://evil.example/", "//evil.example/", "/\\evil.example/", "javascript:alert(1)", "http:evil.example", ""],
)
def test_it_leads_nowhere_but_to_this_site(client, evil):
    assert agree(client, to=evil)["Location"] == LOGIN


def test_who_leaves_without_registering_is_not_recorded(client):
    agree(client)

    assert not ConsentEvent.objects.exists()


def test_new_version_is_asked_for_on_a_browser_that_passed_the_old_one(client):
    agree(client)
    publish(Purpose.POLICY)

    assert client.get(LOGIN).status_code == 302
    assert client.get(REGISTER).status_code == 302


def test_new_text_about_news_is_no_reason_to_ask(client):
    agree(client)
    publish(Purpose.NEWS)

    assert client.get(LOGIN).status_code == 200


def test_mark_of_the_browser_cannot_be_made_up(client):
    client.cookies[consent.COOKIE] = "1-2"

    assert client.get(LOGIN).status_code == 302


def test_mark_of_the_browser_is_out_of_reach_of_scripts(client):
    cookie = agree(client).cookies[consent.COOKIE]

    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"


@pytest.mark.parametrize("address", [CONSENT, PRIVACY])
def test_pages_are_for_everybody(client, address):
    assert client.get(address).status_code == 200
    assert client.put(address).status_code == 405


# -- At login -------------------------------------------------------------------------------------------------------


def test_what_was_accepted_on_the_way_to_login_is_recorded_then(client):
    user = ConsumerFactory().user
    with time_machine.travel("2026-11-24T09:00:00Z", tick=False):
        page = client.get(CONSENT)
        client.post(
            CONSENT,
            {"next": LOGIN, "shown": shown_on(page), "accept": "on", "news": "on"},
            REMOTE_ADDR="192.0.2.7",
            headers={"user-agent": "Проба"},
        )
    with time_machine.travel("2026-11-24T09:05:00Z", tick=False):
        log_in(client, user)

    events = {event.document.purpose: event for event in ConsentEvent.objects.filter(user=user)}
    assert {purpose: event.action for purpose, event in events.items()} == {
        Purpose.POLICY: ConsentAction.ACKNOWLEDGED,
        Purpose.REGISTRATION: ConsentAction.GIVEN,
        Purpose.NEWS: ConsentAction.GIVEN,
    }
    for event in events.values():
        assert event.at.isoformat() == "2026-11-24T09:00:00+00:00"
        assert (event.ip, event.user_agent) == ("192.0.2.7", "Проба")
        assert event.sha256 == event.document.sha256


def test_what_is_in_force_already_is_not_recorded_twice(client):
    user = ConsumerFactory(agreed=True).user
    agree(client)

    log_in(client, user)

    assert ConsentEvent.objects.filter(user=user).count() == 2


def test_new_version_is_asked_for_at_the_next_login_and_leads_on_to_the_page_wanted(client):
    user = ConsumerFactory(agreed=True).user
    policy = publish(Purpose.POLICY)
    wanted = reverse("accounts:password_change")

    log_in(client, user, next=wanted)
    asked = client.get(wanted, follow=True)
    done = client.post(CONSENT, {"next": asked.context["next"], "shown": shown_on(asked), "accept": "on"})

    assert asked.redirect_chain[-1][0].startswith(CONSENT)
    assert "Вышла новая редакция" in asked.content.decode()
    assert done["Location"] == wanted
    assert client.get(wanted).status_code == 200
    latest = ConsentEvent.objects.last_words(user)[Purpose.POLICY]
    assert (latest.document, latest.action) == (policy, ConsentAction.ACKNOWLEDGED)
    assert ConsentEvent.objects.filter(user=user).count() == 3


def test_while_it_is_due_no_private_page_opens_but_leaving_is_free(client):
    user = ConsumerFactory().user
    log_in(client, user)

    for private in ["accounts:profile", "accounts:password_change", "requests:cabinet", "requests:list"]:
        assert client.get(reverse(private))["Location"].startswith(CONSENT)
    assert client.get(PRIVACY).status_code == 200
    assert client.post(reverse("accounts:logout")).status_code == 302
    assert client.get(LOGIN).status_code == 302


def test_a_form_sent_while_it_is_due_leads_on_to_the_cabinet(client):
    log_in(client, ConsumerFactory().user)

    response = client.post(reverse("accounts:set_consent", args=["news"]), {"given": "1"}, follow=True)

    assert response.context["next"] == reverse("requests:cabinet")
    assert not ConsentEvent.objects.exists()


def test_accepted_elsewhere_it_leads_on_at_once(client):
    user = ConsumerFactory().user
    log_in(client, user)
    accept_agreement(user)

    response = client.get(reverse("accounts:profile"), follow=True)

    assert response.status_code == 200
    assert response.request["PATH_INFO"] == reverse("accounts:profile")


def test_withdrawal_is_explained_where_the_consent_is_asked_for_again(client):
    user = ConsumerFactory(agreed=True).user
    client.force_login(user, settings.AUTHENTICATION_BACKENDS[-1])
    client.post(reverse("accounts:set_consent", args=["registration"]), {"given": "0"})

    assert "Вы отозвали согласие" in client.get(CONSENT).content.decode()


def test_staff_are_not_asked(client):
    staff = StaffFactory(group="operator")
    publish(Purpose.POLICY)

    response = log_in(client, staff)

    assert response["Location"] == reverse("admin:index")
    assert client.get(reverse("admin:index")).status_code == 200
    assert client.get(CONSENT, {"next": "/admin/"})["Location"] == "/admin/"
    assert not ConsentEvent.objects.exists()


@pytest.mark.parametrize("wanted", ["/admin/", "/admin/accounts/consumer/"])
def test_the_way_to_the_work_desk_does_not_lead_through_it(client, wanted):
    response = client.get(wanted, follow=True)

    assert response.request["PATH_INFO"] == reverse("admin:login")
    assert response.context["next"] == wanted


# -- The policy for everybody ---------------------------------------------------------------------------------------


def test_privacy_page_shows_every_version_ever_published(client):
    first = ConsentDocument.objects.get(purpose=Purpose.POLICY)
    second = publish(Purpose.POLICY, text="## Совсем новое\n\nТекст второй редакции.")
    ConsentDocument.objects.create(purpose=Purpose.POLICY, version=3, title="Черновик", text="Ещё не решено")
    ConsentDocument.objects.create(
        purpose=Purpose.POLICY,
        version=4,
        title="Будущая",
        text="Потом",
        published_at=timezone.now() + timedelta(days=1),
    )

    html = client.get(PRIVACY).content.decode()

    assert "Редакция 2 от" in html
    assert "<h2>Совсем новое</h2>" in html
    for document in [first, second, *consent.documents().values()]:
        assert document.sha256 in html
        assert all(block.text in html for block in document.blocks)
    assert "Черновик" not in html
    assert "Будущая" not in html


def test_texts_are_shown_as_text(client):
    publish(Purpose.REGISTRATION, title="<i>Т</i>", text="<script>alert(1)</script>\n\n## <b>Жирно</b>")

    for page in (client.get(PRIVACY), client.get(CONSENT)):
        html = page.content.decode()
        assert "<script>alert" not in html
        assert "<b>Жирно" not in html
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html

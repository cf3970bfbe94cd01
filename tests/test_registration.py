"""Registration by legal form: what is taken, what is refused and why, and that nothing typed is lost."""

import html as html_module
import re
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth import get_user
from django.db import IntegrityError, connections
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from post_office.models import Email

from accounts import actions, consent
from accounts.legal_forms import LEGAL_FORMS
from accounts.limits import REGISTRATIONS
from accounts.models import ConsentAction, ConsentEvent, Consumer, LegalForm, Purpose, User
from tests.factories import ConsumerFactory, StaffFactory, UserFactory, publish

pytestmark = pytest.mark.django_db

CABINET = reverse("requests:cabinet")
CONSENT = reverse("accounts:consent")
KINDS = {kind.slug: kind for kind in LEGAL_FORMS}
EMAIL, NEW_PASSWORD = "new@example.org", "трезубец-и-лампа"


def address(slug):
    return reverse("accounts:register", args=[slug])


@pytest.fixture
def answers(solved_captcha):
    """`answers(slug, …)`: a whole form that is right, but for what is given."""

    def make(slug="person", **given):
        filled = {**KINDS[slug].example, "email": EMAIL, "password": NEW_PASSWORD, **solved_captcha(), **given}
        return {name: value for name, value in filled.items() if value is not None}

    return make


@pytest.fixture
def visitor(client):
    """A browser that has passed the agreement."""
    agree(client)
    return client


def agree(client, **ticks):
    client.post(CONSENT, {"next": address("person"), "accept": "on", **ticks})


def codes(response):
    """Which fields were refused, and why."""
    return {name: errors[0].code for name, errors in response.context["form"].errors.as_data().items()}


def values_in(response):
    """What stands in the fields of the page that came back."""
    main = response.content.decode().partition("<main")[2]
    inputs = re.findall(r'<input type="[^"]+" name="(\w+)"(?: value="([^"]*)")?', main)
    return {name: html_module.unescape(value) for name, value in inputs}


# -- What is taken --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("slug", KINDS)
def test_each_legal_form_leads_straight_into_its_cabinet(visitor, answers, slug):
    response = visitor.post(address(slug), answers(slug, email="New@Example.org"))

    user = User.objects.get(email=EMAIL)
    assert (response.status_code, response["Location"]) == (302, CABINET)
    assert get_user(visitor) == user
    assert user.consumer.legal_form == KINDS[slug].legal_form
    assert user.check_password(NEW_PASSWORD)
    assert (user.is_staff, user.email_confirmed_at) == (False, None)


def test_answers_are_stored_in_one_form_however_they_were_typed(visitor, answers):
    visitor.post(address("person"), answers(snils=" 112–233 445\xa095", last_name="  салтыков -  Щедрин "))

    consumer = Consumer.objects.get()
    assert consumer.snils == "11223344595"
    assert consumer.last_name == "салтыков-Щедрин"
    assert consumer.phone.as_e164 == "+79281234567"


def test_company_needs_only_what_the_guide_asks_for(visitor, answers):
    visitor.post(address("company"), answers("company"))

    assert Consumer.objects.get().missing_contacts == ["organisation", "contact_name", "phone"]


def test_company_may_tell_the_rest_at_once(visitor, answers):
    rest = {"organisation": "ООО  «Вега»\r\n", "contact_name": "Ковалёва Ирина", "phone": "8 863 250-31-02 доб. 12"}

    visitor.post(address("company"), answers("company", **rest))

    consumer = Consumer.objects.get()
    assert (consumer.organisation, consumer.contact_name) == ("ООО «Вега»", "Ковалёва Ирина")
    assert consumer.phone.extension == "12"
    assert consumer.missing_contacts == []


@pytest.mark.parametrize("slug", ["person", "sole-trader"])
def test_middle_name_may_be_absent(visitor, answers, slug):
    visitor.post(address(slug), answers(slug, middle_name=""))

    assert Consumer.objects.get().middle_name == ""


def test_letter_with_the_confirmation_goes_out_and_tells_no_more_than_the_link(visitor, answers):
    visitor.post(address("person"), answers())

    letter = Email.objects.get().email_message()
    assert letter.to == [EMAIL]
    assert "http://testserver/accounts/confirm-email/" in letter.body
    for personal in ["Самойлов", "Николай", "112", "928", EMAIL]:
        assert personal not in letter.subject + letter.body + letter.alternatives[0][0]


def test_agreement_is_recorded_as_it_was_accepted(client, answers):
    with time_machine.travel("2026-11-24T09:00:00Z", tick=False):
        client.post(CONSENT, {"accept": "on"}, REMOTE_ADDR="192.0.2.7", headers={"user-agent": "Проба"})
    with time_machine.travel("2026-11-24T09:20:00Z", tick=False):
        client.post(address("person"), answers())

    events = {event.document.purpose: event for event in ConsentEvent.objects.all()}
    assert {purpose: event.action for purpose, event in events.items()} == {
        Purpose.POLICY: ConsentAction.ACKNOWLEDGED,
        Purpose.REGISTRATION: ConsentAction.GIVEN,
    }
    for event in events.values():
        assert event.at.isoformat() == "2026-11-24T09:00:00+00:00"
        assert (event.user.email, event.ip, event.user_agent) == (EMAIL, "192.0.2.7", "Проба")
        assert event.sha256 == event.document.sha256


def test_news_are_recorded_only_when_asked_for(client, answers):
    agree(client, news="on")

    client.post(address("person"), answers())

    assert ConsentEvent.objects.filter(document__purpose=Purpose.NEWS, action=ConsentAction.GIVEN).count() == 1


def test_next_account_from_this_browser_needs_an_agreement_of_its_own(visitor, answers):
    visitor.post(address("person"), answers())
    visitor.post(reverse("accounts:logout"))

    assert visitor.get(address("company"))["Location"].startswith(CONSENT)


def test_session_is_a_new_one_and_ends_with_the_browser(visitor, answers):
    before = visitor.session.session_key

    response = visitor.post(address("person"), answers())

    assert visitor.session.session_key != before
    assert response.cookies["sessionid"]["max-age"] == ""


def test_extra_fields_are_ignored(visitor, answers):
    extra = {
        "is_staff": "1",
        "is_superuser": "1",
        "email_confirmed_at": "2026-01-01",
        "legal_form": "company",
        "user": "1",
        "ogrn": "1026100000080",
        "inn": "6166000060",
        "organisation": "ООО «Чужое»",
    }

    visitor.post(address("person"), answers(**extra))

    user = User.objects.get(email=EMAIL)
    assert (user.is_staff, user.is_superuser, user.email_confirmed_at) == (False, False, None)
    assert (user.consumer.legal_form, user.consumer.inn, user.consumer.ogrn) == (LegalForm.PERSON, "", "")
    assert user.consumer.organisation == ""


# -- What is refused ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("slug", "field", "value", "code"),
    [
        ("person", "last_name", "", "required"),
        ("person", "first_name", " ", "required"),
        ("person", "last_name", "Иванов7", "characters"),
        ("person", "last_name", "Ивaнов", "mixed_scripts"),
        ("person", "last_name", "Иванов\0", "invisible"),
        ("person", "middle_name", "<b>", "characters"),
        ("person", "snils", "", "required"),
        ("person", "snils", "112-233-445 96", "check_digit"),
        ("person", "snils", "112-233-445 9", "length"),
        ("person", "snils", "112-233-445 9A", "not_digits"),
        ("person", "snils", "112233445９５", "not_digits"),
        ("person", "snils", "00000000000", "same_digits"),
        ("person", "snils", "6166000060", "wrong_kind"),
        ("person", "phone", "", "required"),
        ("person", "phone", "250-31-02", "no_area_code"),
        ("person", "phone", "+375 29 123-45-67", "foreign"),
        ("person", "phone", "8-800-234-46-55", "not_personal"),
        ("person", "email", "", "required"),
        ("person", "email", "ivan", "invalid"),
        ("person", "email", "ivan\0@example.org", "invalid"),
        ("person", "email", "ivan@example.org\r\nBcc: all@example.org", "invalid"),
        ("person", "password", "", "required"),
        ("person", "password", "короткий", "password_too_short"),
        ("person", "password", "1234567890", "password_too_common"),
        ("person", "password", "73910048261", "password_entirely_numeric"),
        ("person", "password", "new@example.org", "password_too_similar"),
        ("person", "captcha_answer", "", "no_answer"),
        ("sole-trader", "ogrnip", "", "required"),
        ("sole-trader", "ogrnip", "304500116000158", "check_digit"),
        ("sole-trader", "ogrnip", "504500116000157", "first_digit"),
        ("sole-trader", "ogrnip", "1026100000080", "wrong_kind"),
        ("company", "inn", "", "required"),
        ("company", "inn", "6166000061", "check_digit"),
        ("company", "inn", "500100732259", "wrong_kind"),
        ("company", "inn", "0000000000", "same_digits"),
        ("company", "ogrn", "", "required"),
        ("company", "ogrn", "1026100000081", "check_digit"),
        ("company", "ogrn", "304500116000157", "wrong_kind"),
        ("company", "ogrn", "0022500001325", "first_digit"),
        ("company", "organisation", "«»", "no_letters"),
        ("company", "organisation", "ООО\u202e «Вега»", "invisible"),
        ("company", "organisation", "В" * 256, "max_length"),
        ("company", "contact_name", "Ковалёва\u200b", "invisible"),
    ],
)
def test_refusal_has_a_reason_and_loses_nothing(visitor, answers, slug, field, value, code):
    typed = answers(slug, **{field: value})

    response = visitor.post(address(slug), typed)

    assert response.status_code == 200
    assert codes(response) == {field.removesuffix("_answer"): code}
    assert 'aria-invalid="true"' in response.content.decode()
    kept = {name: typed[name] for name in typed if name != "password" and not name.startswith("captcha")}
    assert values_in(response).items() >= kept.items()
    assert not User.objects.exists()
    assert not Email.objects.exists()


def test_password_never_comes_back_in_the_page(visitor, answers):
    response = visitor.post(address("person"), answers(snils="112-233-445 96"))

    assert NEW_PASSWORD not in response.content.decode()


def test_captcha_is_not_asked_for_again_after_a_misprint(visitor, answers):
    refused = visitor.post(address("person"), answers(snils="112-233-445 96"))
    again = {name: value for name, value in values_in(refused).items() if name == "captcha_pass"}

    response = visitor.post(address("person"), answers(captcha_question="", captcha_answer="", **again))

    assert again
    assert response["Location"] == CABINET


def test_registrations_of_one_client_are_limited(visitor, answers):
    for _ in range(REGISTRATIONS.rate):
        REGISTRATIONS.hit("127.0.0.1")

    response = visitor.post(address("person"), answers())

    assert codes(response) == {"__all__": "too_many"}
    assert not User.objects.exists()


# -- Who is known ---------------------------------------------------------------------------------------------------


def test_known_email_is_told_with_the_ways_on(visitor, answers):
    UserFactory(email=EMAIL)

    response = visitor.post(address("person"), answers(email="NEW@example.org"))

    main = response.content.decode().partition("<main")[2]
    assert codes(response) == {"email": "known"}
    assert f'href="{reverse("accounts:login")}"' in main
    assert f'href="{reverse("accounts:password_reset")}"' in main


@pytest.mark.parametrize("answer", [None, "", "сорок"])
def test_known_email_is_told_only_behind_the_captcha(visitor, answers, answer):
    UserFactory(email=EMAIL)

    response = visitor.post(address("person"), answers(captcha_answer=answer))

    assert set(codes(response)) == {"captcha"}


@pytest.mark.parametrize("slug", KINDS)
def test_known_number_is_never_told_and_bars_nobody(visitor, answers, slug):
    kind = KINDS[slug]
    numbers = {name: value for name, value in kind.example.items() if name in ("ogrnip", "inn", "ogrn")}
    if slug == "person":
        numbers = {"snils": "11223344595"}
    squatter = ConsumerFactory(legal_form=kind.legal_form, **numbers)

    response = visitor.post(address(slug), answers(slug))

    assert response["Location"] == CABINET
    assert list(Consumer.objects.claiming_identifier_of(squatter)) == [Consumer.objects.get(user__email=EMAIL)]


@pytest.mark.django_db(transaction=True)
def test_same_email_at_the_same_moment_opens_one_account(answers):
    together, forms = threading.Barrier(4), [answers() for _ in range(4)]
    browsers = [Client() for _ in forms]
    for browser in browsers:
        agree(browser)

    def send(browser, form):
        together.wait()
        try:
            return browser.post(address("person"), form)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        responses = list(pool.map(send, browsers, forms))

    assert {response.status_code for response in responses} <= {200, 302}
    assert User.objects.count() == Consumer.objects.count() == Email.objects.count() == 1
    assert ConsentEvent.objects.count() == 2


def test_email_taken_between_check_and_insert_is_told_like_any_known_one(visitor, answers, monkeypatch):
    def taken_meanwhile(**kwargs):
        UserFactory(email=EMAIL, date_joined=timezone.now() - timedelta(days=1))
        raise IntegrityError

    monkeypatch.setattr(actions, "register", taken_meanwhile)

    response = visitor.post(address("person"), answers())

    assert codes(response) == {"email": "known"}


def test_other_faults_of_the_database_are_not_taken_for_a_known_email(visitor, answers, monkeypatch):
    def broken(**kwargs):
        raise IntegrityError("consumer_fits_legal_form")

    monkeypatch.setattr(actions, "register", broken)

    with pytest.raises(IntegrityError):
        visitor.post(address("person"), answers())


# -- Sent twice -----------------------------------------------------------------------------------------------------


@pytest.fixture
def sent_twice(visitor, answers):
    """`sent_twice(…)`: the second answer to a form whose first answer, with its cookie, never reached the browser."""

    def send(after=timedelta(), **changed):
        form, cookies = answers(), visitor.cookies.copy()
        visitor.post(address("person"), form)
        visitor.cookies = cookies
        with time_machine.travel(timezone.now() + after):
            return visitor.post(address("person"), form | changed)

    return send


def test_second_click_ends_in_the_cabinet_of_the_one_account(sent_twice, visitor):
    response = sent_twice()

    assert response["Location"] == CABINET
    assert get_user(visitor) == User.objects.get()
    assert Email.objects.count() == 1
    assert ConsentEvent.objects.count() == 2


def test_second_form_with_another_password_opens_nothing(sent_twice, visitor):
    response = sent_twice(password="совсем-другой-пароль")

    assert response.status_code == 200
    assert get_user(visitor).is_anonymous


def test_form_that_comes_much_later_is_no_second_click(sent_twice, visitor):
    response = sent_twice(after=timedelta(minutes=11))

    assert response.status_code == 200
    assert get_user(visitor).is_anonymous


def test_guessing_the_password_of_a_new_account_is_locked_out_like_at_login(visitor, answers, settings):
    ConsumerFactory(user__email=EMAIL)

    statuses = [visitor.post(address("person"), answers(password=f"догадка {n} и ещё")).status_code for n in range(6)]

    assert statuses[-1] == 429


def test_staff_are_never_logged_in_here(visitor, answers):
    StaffFactory(email=EMAIL, password=NEW_PASSWORD)

    visitor.post(address("person"), answers())

    assert get_user(visitor).is_anonymous


# -- The agreement on the way ---------------------------------------------------------------------------------------


def test_agreement_lost_while_typing_is_asked_for_in_the_form_and_loses_nothing(client, answers):
    typed = answers()

    refused = client.post(address("person"), typed)

    html = refused.content.decode()
    assert codes(refused) == {"accept": "required"}
    assert values_in(refused)["last_name"] == typed["last_name"]
    assert "checked" not in html
    assert all(block.text in html for block in consent.documents()[Purpose.REGISTRATION].blocks)
    back = {name: values_in(refused)[name] for name in ("captcha_pass", "shown")}
    done = client.post(address("person"), {**typed, **back, "accept": "on", "news": "on"})
    assert done["Location"] == CABINET
    assert ConsentEvent.objects.filter(user__email=EMAIL).count() == 3


def test_agreement_that_changed_while_typing_is_asked_for_anew(visitor, answers):
    publish(Purpose.REGISTRATION, text="Совсем другой текст.")

    response = visitor.post(address("person"), answers())

    assert codes(response) == {"accept": "required"}
    assert "Совсем другой текст." in response.content.decode()
    assert not User.objects.exists()


# -- The page -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("slug", KINDS)
def test_page_says_whose_it_is_where_to_find_the_number_and_leads_to_the_others(visitor, slug):
    html = visitor.get(address(slug)).content.decode()

    assert f"<h1>{KINDS[slug].page_title}</h1>" in html
    assert KINDS[slug].where_to_find[0] in html
    for other in set(KINDS) - {slug}:
        assert f'href="{address(other)}"' in html


def test_page_shows_the_formats(visitor):
    assert "Формат: 11 цифр" in visitor.get(address("person")).content.decode()
    assert "Формат: 15 цифр" in visitor.get(address("sole-trader")).content.decode()
    company = visitor.get(address("company")).content.decode()
    assert "Формат: 10 цифр" in company
    assert "Формат: 13 цифр" in company


def test_page_is_kept_nowhere_and_lets_the_captcha_work(visitor):
    response = visitor.get(address("person"))

    assert "no-store" in response["Cache-Control"]
    assert "worker-src blob:" in response["Content-Security-Policy"]


@pytest.mark.parametrize("slug", ["nobody", "sole_trader"])
def test_unknown_legal_form_is_no_page(visitor, slug):
    assert visitor.get(address(slug)).status_code == 404


@pytest.mark.parametrize("method", ["get", "post"])
def test_who_is_logged_in_is_led_to_the_cabinet(client, method):
    client.force_login(ConsumerFactory(agreed=True).user)

    response = getattr(client, method)(address("person"))

    assert response["Location"] == CABINET

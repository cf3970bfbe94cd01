"""Accounts at the work desk: who may open what, that nothing secret can be asked for, that what is fixed stays fixed."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from post_office.models import Email

from accounts.models import ConsentAction, ConsentDocument, ConsentEvent, Consumer, LegalForm, Purpose, User
from tests.factories import STAFF_GROUPS, ConsumerFactory, StaffFactory, UserFactory, accept_agreement, group_of_staff

pytestmark = pytest.mark.django_db

USERS = "/admin/accounts/user/"
CONSUMERS = "/admin/accounts/consumer/"
DOCUMENTS = "/admin/accounts/consentdocument/"
EVENTS = "/admin/accounts/consentevent/"
GROUPS = list(STAFF_GROUPS)


def desk_of(staff):
    client = Client()
    client.force_login(staff, settings.AUTHENTICATION_BACKENDS[-1])
    return client


@pytest.fixture
def dpo():
    return desk_of(StaffFactory(group="dpo"))


@pytest.fixture
def operator():
    return desk_of(StaffFactory(group="operator"))


@pytest.fixture
def superuser():
    return desk_of(StaffFactory(is_superuser=True))


@pytest.fixture
def consumer():
    return ConsumerFactory(snils="11223344595", user__email="ivan@example.org")


def found(response):
    return list(response.context["cl"].queryset)


# -- Who may open what ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("address", "allowed"),
    [
        (USERS, {"dpo"}),
        (f"{USERS}{{user}}/change/", {"dpo"}),
        (f"{USERS}add/", set()),
        (f"{USERS}{{user}}/password/", set()),
        (f"{USERS}{{user}}/delete/", set()),
        (CONSUMERS, {"operator", "supervisor", "dpo"}),
        (f"{CONSUMERS}{{user}}/change/", {"operator", "supervisor", "dpo"}),
        (f"{CONSUMERS}add/", set()),
        (f"{CONSUMERS}{{user}}/delete/", set()),
        (DOCUMENTS, {"dpo"}),
        (f"{DOCUMENTS}{{document}}/change/", {"dpo"}),
        (f"{DOCUMENTS}add/", set()),
        (f"{DOCUMENTS}{{document}}/delete/", set()),
        (EVENTS, {"dpo"}),
        (f"{EVENTS}{{event}}/change/", {"dpo"}),
        (f"{EVENTS}add/", set()),
        (f"{EVENTS}{{event}}/delete/", set()),
        ("/admin/auth/group/", set()),
        ("/admin/post_office/email/", set()),
    ],
)
def test_each_group_opens_what_is_meant_for_it_and_nothing_else(consumer, address, allowed):
    accept_agreement(consumer.user)
    event = ConsentEvent.objects.first()
    path = address.format(user=consumer.pk, document=event.document_id, event=event.pk)

    answers = {group: desk_of(StaffFactory(group=group)).get(path).status_code for group in GROUPS}

    assert answers == {group: 200 if group in allowed else 403 for group in GROUPS}


def test_every_group_has_its_case_above():
    assert sorted(Group.objects.values_list("name", flat=True)) == sorted(STAFF_GROUPS.values())


@pytest.mark.parametrize("address", [USERS, CONSUMERS, DOCUMENTS, EVENTS])
def test_work_desk_is_closed_to_consumers_and_strangers(client, consumer, address):
    assert client.get(address)["Location"] == f"{reverse('accounts:login')}?next={address}"
    client.force_login(consumer.user)
    assert client.get(address)["Location"].startswith("/admin/login/")


@pytest.mark.parametrize(
    "address",
    [
        "/admin/axes/accessattempt/",
        "/admin/axes/accesslog/",
        "/admin/post_office/emailtemplate/",
        "/admin/post_office/attachment/",
        "/admin/post_office/log/",
    ],
)
def test_what_nobody_needs_is_not_there(superuser, address):
    assert superuser.get(address).status_code == 404


def test_superuser_sees_the_letters(superuser):
    assert superuser.get("/admin/post_office/email/").status_code == 200


def test_permissions_of_a_group_are_told_in_russian(superuser):
    group = Group.objects.get(name=STAFF_GROUPS["operator"])

    page = superuser.get(f"/admin/auth/group/{group.pk}/change/")

    labels = [str(label) for _, label in page.context["adminform"].form.fields["permissions"].choices]
    assert {"Счёт: смотреть", "Счёт: может выставлять счета", "Правила качества: изменять"} <= set(labels)
    assert not [label for label in labels if ": Can " in label or ": can " in label]


def test_permissions_of_a_group_are_kept(superuser):
    group = Group.objects.get(name=STAFF_GROUPS["operator"])
    kept = list(group.permissions.values_list("pk", flat=True))

    answer = superuser.post(f"/admin/auth/group/{group.pk}/change/", {"name": group.name, "permissions": kept[1:]})

    assert answer.status_code == 302
    assert set(group.permissions.values_list("pk", flat=True)) == set(kept[1:])


# -- Nothing secret can be asked for --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("address", "lookup"),
    [
        (USERS, "password__startswith"),
        (USERS, "password"),
        (USERS, "last_login__isnull"),
        (USERS, "consumer__snils_hash__startswith"),
        (USERS, "groups__user__password__startswith"),
        (USERS, "is_staff__password"),
        ("/admin/auth/group/", "user__password__startswith"),
        ("/admin/auth/group/", "permissions"),
        (CONSUMERS, "snils_hash"),
        (CONSUMERS, "snils_hash__startswith"),
        (CONSUMERS, "snils_encrypted__startswith"),
        (CONSUMERS, "user__password__startswith"),
        (CONSUMERS, "user__email__startswith"),
        (CONSUMERS, "phone__contains"),
        (DOCUMENTS, "events__user__password__startswith"),
        (EVENTS, "user__password__startswith"),
        (EVENTS, "user__consumer__snils_hash__startswith"),
        (EVENTS, "document__purpose__password"),
        (EVENTS, "ip__startswith"),
    ],
)
def test_address_cannot_filter_by_what_no_filter_offers(superuser, consumer, address, lookup):
    assert superuser.get(address, {lookup: "1"}).status_code == 400


@pytest.mark.parametrize(
    ("address", "query"),
    [
        (USERS, {"is_staff__exact": "1"}),
        (USERS, {"groups__id__exact": "1"}),
        (CONSUMERS, {"legal_form__exact": "person"}),
        (CONSUMERS, {"shared": "1"}),
        (DOCUMENTS, {"purpose__exact": "news"}),
        (EVENTS, {"document__purpose__exact": "news", "action__exact": "given"}),
        (EVENTS, {"at__year": "2026", "at__month": "11", "at__day": "24"}),
    ],
)
def test_offered_filters_work(superuser, consumer, address, query):
    assert superuser.get(address, query).status_code == 200


@pytest.mark.parametrize("order", ["5", "-9", "snils_hash", "1.2.3.-4"])
def test_order_cannot_tell_what_no_column_shows(superuser, consumer, order):
    response = superuser.get(CONSUMERS, {"o": order})

    assert response.status_code == 200
    assert "snils" not in str(response.context["cl"].queryset.query.order_by)


# -- Consumers ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["", "{pk}/change/"])
def test_snils_is_masked(operator, consumer, path):
    html = operator.get(CONSUMERS + path.format(pk=consumer.pk)).content.decode()

    assert "112-***-*** 95" in html
    assert "11223344595" not in html
    assert "112-233-445" not in html
    assert consumer.snils_hash not in html
    assert consumer.snils_encrypted not in html


def test_consumer_is_only_looked_at(superuser, consumer):
    response = superuser.post(f"{CONSUMERS}{consumer.pk}/change/", {"last_name": "Другой"})

    consumer.refresh_from_db()
    assert response.status_code == 403
    assert consumer.last_name == "Самойлов"


@pytest.mark.parametrize(
    ("term", "legal_form"),
    [
        ("ivan@example.org", LegalForm.PERSON),
        ("IVAN@example.org ", LegalForm.PERSON),
        ("11223344595", LegalForm.PERSON),
        ("112-233-445 95", LegalForm.PERSON),
        ("304500116000157", LegalForm.SOLE_TRADER),
        ("3045 0011 6000 157", LegalForm.SOLE_TRADER),
        ("6166000060", LegalForm.COMPANY),
        ("1026100000080", LegalForm.COMPANY),
    ],
)
def test_search_finds_by_email_or_whole_number(operator, consumer, term, legal_form):
    ConsumerFactory(legal_form=LegalForm.SOLE_TRADER, ogrnip="304500116000157")
    ConsumerFactory(legal_form=LegalForm.COMPANY, inn="6166000060", ogrn="1026100000080")
    ConsumerFactory()

    response = operator.get(CONSUMERS, {"q": term})

    assert [consumer.legal_form for consumer in found(response)] == [legal_form]


@pytest.mark.parametrize("term", ["ivan", "112", "1122334459", "Самойлов", "nobody@example.org", "'", "%"])
def test_search_finds_nothing_by_a_piece(operator, consumer, term):
    assert found(operator.get(CONSUMERS, {"q": term})) == []


def test_conflict_of_numbers_is_shown(operator, consumer):
    rival = ConsumerFactory(snils=consumer.snils)
    ConsumerFactory()

    html = operator.get(f"{CONSUMERS}{consumer.pk}/change/").content.decode()
    shared = operator.get(CONSUMERS, {"shared": "1"})

    assert "Ещё 1\xa0кабинет:" in html
    assert f'<a href="{CONSUMERS}{rival.pk}/change/">{rival.user.email}</a>' in html
    assert set(found(shared)) == {consumer, rival}


def test_no_conflict_is_said_too(operator, consumer):
    html = operator.get(f"{CONSUMERS}{consumer.pk}/change/").content.decode()

    assert "Других кабинетов с этим номером нет" in html


def test_name_is_text_and_no_markup(operator):
    ConsumerFactory(legal_form=LegalForm.COMPANY, organisation="<script>alert(1)</script>")

    assert "<script>alert" not in operator.get(CONSUMERS).content.decode()


@pytest.mark.parametrize("rows", [1, 10])
@pytest.mark.parametrize("address", [CONSUMERS, USERS, EVENTS])
def test_lists_cost_the_same_however_long(superuser, django_assert_max_num_queries, address, rows):
    for _ in range(rows):
        accept_agreement(ConsumerFactory().user)

    with django_assert_max_num_queries(9):
        superuser.get(address)


# -- Consent texts --------------------------------------------------------------------------------------------------


def new_version(client, document):
    return client.post(f"{DOCUMENTS}{document.pk}/new-version/")


def save(client, document, **changed):
    fields = {"title": document.title, "summary": document.summary, "text": document.text}
    return client.post(
        f"{DOCUMENTS}{document.pk}/change/", fields | {"published_at_0": "", "published_at_1": ""} | changed
    )


@pytest.fixture
def policy():
    return ConsentDocument.objects.get(purpose=Purpose.POLICY)


def test_new_version_is_a_draft_that_nobody_sees_yet(dpo, policy):
    assert "Новая редакция" in dpo.get(f"{DOCUMENTS}{policy.pk}/change/").content.decode()

    response = new_version(dpo, policy)

    draft = ConsentDocument.objects.get(purpose=Purpose.POLICY, version=2)
    assert response["Location"] == f"{DOCUMENTS}{draft.pk}/change/"
    assert (draft.text, draft.published_at) == (policy.text, None)
    assert ConsentDocument.objects.current(Purpose.POLICY) == policy


def test_there_is_one_draft_at_a_time(dpo, policy):
    first = new_version(dpo, policy)
    second = new_version(dpo, policy)

    assert first["Location"] == second["Location"]
    assert ConsentDocument.objects.filter(purpose=Purpose.POLICY).count() == 2


def test_draft_is_edited_published_and_then_fixed(dpo, policy):
    new_version(dpo, policy)
    draft = ConsentDocument.objects.get(version=2)
    moment = timezone.localtime() + timedelta(minutes=-5)

    save(dpo, draft, text="Новый текст")
    draft.refresh_from_db()
    save(dpo, draft, published_at_0=f"{moment:%d.%m.%Y}", published_at_1=f"{moment:%H:%M:%S}")
    refused = save(dpo, draft, text="Ещё новее")

    draft.refresh_from_db()
    assert draft.text == "Новый текст"
    assert draft.published_at > moment + timedelta(minutes=4)  # not in the past
    assert refused.status_code == 403
    assert ConsentDocument.objects.current(Purpose.POLICY) == draft


def test_purpose_and_version_are_not_typed(dpo, policy):
    new_version(dpo, policy)
    draft = ConsentDocument.objects.get(version=2)

    save(dpo, draft, purpose="news", version="7", sha256="f" * 64)

    draft.refresh_from_db()
    assert (draft.purpose, draft.version) == (Purpose.POLICY, 2)
    assert draft.sha256 != "f" * 64


def test_draft_may_be_thrown_away_and_a_published_text_may_not(dpo, policy):
    new_version(dpo, policy)
    draft = ConsentDocument.objects.get(version=2)

    assert dpo.post(f"{DOCUMENTS}{draft.pk}/delete/", {"post": "yes"}).status_code == 302
    assert dpo.post(f"{DOCUMENTS}{policy.pk}/delete/", {"post": "yes"}).status_code == 403
    assert list(ConsentDocument.objects.filter(purpose=Purpose.POLICY)) == [policy]


def test_not_even_the_superuser_changes_what_is_published(superuser, policy):
    assert save(superuser, policy, text="Другой").status_code == 403
    assert superuser.post(f"{DOCUMENTS}{policy.pk}/delete/", {"post": "yes"}).status_code == 403
    assert "delete_selected" not in superuser.get(DOCUMENTS).content.decode()


def test_new_version_is_a_button_of_who_may(dpo, operator, policy):
    assert dpo.get(f"{DOCUMENTS}{policy.pk}/new-version/").status_code == 405
    assert new_version(operator, policy).status_code == 403
    assert dpo.post(f"{DOCUMENTS}999/new-version/").status_code == 302
    assert not ConsentDocument.objects.filter(version=2)


# -- Consent events -------------------------------------------------------------------------------------------------


def test_journal_shows_who_what_and_when(dpo, consumer):
    accept_agreement(consumer.user)

    response = dpo.get(EVENTS, {"action__exact": ConsentAction.GIVEN})

    html = response.content.decode()
    assert len(found(response)) == 1
    assert "ivan@example.org" in html
    assert "192.0.2.1" in html


@pytest.mark.parametrize("path", ["add/", "{pk}/change/", "{pk}/delete/"])
def test_journal_is_not_written_by_hand(superuser, consumer, path):
    accept_agreement(consumer.user)
    event = ConsentEvent.objects.first()

    response = superuser.post(EVENTS + path.format(pk=event.pk), {"action": "withdrawn", "post": "yes"})

    assert response.status_code == 403
    assert ConsentEvent.objects.count() == 2
    assert "delete_selected" not in superuser.get(EVENTS).content.decode()


# -- Users ----------------------------------------------------------------------------------------------------------


def test_new_colleague_gets_a_letter_and_nobody_else_the_password(superuser):
    operators = group_of_staff("operator")
    answers = {"email": "Olga@Example.org", "name": "Ольга, оператор", "groups": [operators.pk]}

    superuser.post(f"{USERS}add/", answers)

    olga = User.objects.get(email="olga@example.org")
    assert (olga.is_staff, olga.is_superuser, olga.has_usable_password()) == (True, False, False)
    assert list(olga.groups.all()) == [operators]
    assert Email.objects.get().to == ["olga@example.org"]
    assert "/accounts/password-reset/" in Email.objects.get().message


def test_known_address_is_refused(superuser):
    UserFactory(email="olga@example.org")

    response = superuser.post(f"{USERS}add/", {"email": "OLGA@example.org", "name": "Ольга"})

    assert response.status_code == 200
    assert response.context["adminform"].errors.as_data()["email"][0].code == "unique"


def test_who_may_only_look_does_not_see_the_hash(dpo, consumer):
    html = dpo.get(f"{USERS}{consumer.pk}/change/").content.decode()

    assert "ivan@example.org" in html
    assert consumer.user.password not in html
    assert "md5" not in html


def test_new_address_has_to_be_confirmed_anew(superuser, consumer):
    User.objects.filter(pk=consumer.pk).update(email_confirmed_at=timezone.now())

    superuser.post(f"{USERS}{consumer.pk}/change/", {"email": "petr@example.org", "is_active": "on"})

    consumer.user.refresh_from_db()
    assert (consumer.user.email, consumer.user.email_confirmed_at) == ("petr@example.org", None)
    assert Email.objects.get().to == ["petr@example.org"]


def test_account_is_closed_and_never_deleted(superuser, consumer):
    superuser.post(f"{USERS}{consumer.pk}/change/", {"email": "ivan@example.org"})

    consumer.user.refresh_from_db()
    assert not consumer.user.is_active
    assert superuser.post(f"{USERS}{consumer.pk}/delete/", {"post": "yes"}).status_code == 403
    assert Consumer.objects.filter(pk=consumer.pk).exists()


def test_user_list_is_searched_by_the_beginning_of_the_address(superuser, consumer):
    assert found(superuser.get(USERS, {"q": "ivan"})) == [consumer.user]
    assert found(superuser.get(USERS, {"q": "van@"})) == []


@pytest.mark.parametrize("address", [USERS, f"{USERS}add/", CONSUMERS, DOCUMENTS, EVENTS])
def test_pages_keep_the_strict_policy(superuser, consumer, address):
    response = superuser.get(address)

    assert "default-src 'self'" in response["Content-Security-Policy"]
    assert "unsafe" not in response["Content-Security-Policy"]
    assert "no-store" in response["Cache-Control"]


def test_reverse_names_are_the_fixed_addresses():
    assert reverse("admin:accounts_user_changelist") == USERS
    assert reverse("admin:accounts_consentdocument_new_version", args=[1]) == f"{DOCUMENTS}1/new-version/"

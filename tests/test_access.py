"""Asking for access to a supply point and deciding on it: actions.access."""

import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext
from post_office.models import Email

from requests_app import actions
from requests_app.actions import access
from requests_app.models import AccessGrant, Attachment, GrantBasis, GrantStatus
from tests.factories import (
    AccessGrantFactory,
    ConsumerFactory,
    MeterFactory,
    StaffFactory,
    SupplyPointFactory,
    access_form,
)
from tests.files import empty_storage, fill_disk, pdf, stored_files, upload

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _empty_storage():
    empty_storage()


@pytest.fixture
def user():
    return ConsumerFactory().user


@pytest.fixture
def operator():
    return StaffFactory(group="operator")


@pytest.fixture
def supervisor():
    return StaffFactory(group="supervisor")


def ask(user, **answers):
    return actions.ask_access(form=access_form(owner=user, **answers), by=user)


# -- Asking ---------------------------------------------------------------------------------------------------------


def test_what_was_typed_is_kept_and_names_no_point(user):
    MeterFactory(serial="011076148", point__contract_number="ТП-2019/114")

    grant = ask(user, contract_number="№ тп-2019/114", meter_serial="0110-76148", address="ул. Портовая, 71")

    assert (grant.status, grant.point, grant.basis) == (GrantStatus.ASKED, None, GrantBasis.METER)
    assert (grant.contract_number, grant.meter_serial) == ("№ тп-2019/114", "0110-76148")
    assert not Email.objects.exists()


def test_known_and_unknown_numbers_cost_and_say_the_same(user):
    MeterFactory(serial="011076148", point__contract_number="ТП-2019/114")
    costs = []

    for contract, serial in (("ТП-2019/114", "011076148"), ("НЕТ-1", "000")):
        form = access_form(owner=user, contract_number=contract, meter_serial=serial)
        with CaptureQueriesContext(connection) as queries:
            grant = actions.ask_access(form=form, by=user)
        costs.append([query["sql"].split()[0] for query in queries])
        assert (grant.status, grant.point) == (GrantStatus.ASKED, None)

    assert costs[0] == costs[1]
    assert not any("supplypoint" in query["sql"] for query in queries if query["sql"].startswith("SELECT"))


def test_a_document_is_enough(user):
    grant = ask(user, meter_serial="", files=[upload("Договор.pdf")])

    assert grant.basis == GrantBasis.DOCUMENT
    assert [file.original_name for file in grant.attachments.visible_to(user)] == ["Договор.pdf"]


def test_the_same_sending_is_one_grant(user):
    key = uuid.uuid4()

    first, second = ask(user, key=key, files=[upload()]), ask(user, key=key, files=[upload()])

    assert first == second
    assert Attachment.objects.count() == len(stored_files()) == 1


@pytest.mark.parametrize("status", [GrantStatus.ASKED, GrantStatus.CONFIRMED])
def test_what_waits_or_is_confirmed_is_not_asked_for_twice(user, status):
    grant = AccessGrantFactory(user=user, status=status, contract_number="ТП-2019/114", meter_serial="011076148")

    assert ask(user, contract_number="тп - 2019/114", meter_serial="0110 76148") == grant


@pytest.mark.parametrize("status", [GrantStatus.REFUSED, GrantStatus.REVOKED, GrantStatus.WITHDRAWN])
def test_what_has_ended_is_asked_for_again(user, status):
    grant = AccessGrantFactory(user=user, status=status, contract_number="ТП-2019/114", meter_serial="011076148")

    assert ask(user) != grant


def test_another_point_of_a_contract_is_asked_for_by_its_address(user, operator):
    point = {"meter_serial": "", "contract_number": "ТП-2019/114"}
    first = ask(user, **point, address="ул. Портовая, 71", files=[upload("Договор.pdf")])
    with pytest.raises(actions.AccessNotChanged, match="номер счётчика"):
        ask(user, **point, address="пр. Шолохова, 130", files=[upload("Выписка.pdf")])
    actions.confirm_access(first, point=SupplyPointFactory(), by=operator)

    second = ask(user, **point, address="пр. Шолохова, 130", files=[upload("Выписка.pdf")])

    assert second.status == GrantStatus.ASKED
    assert second.attachments.get().original_name == "Выписка.pdf"
    assert ask(user, **point, address="УЛ. ПОРТОВАЯ 71", files=[upload("Договор.pdf")]) == first


def test_the_same_sending_after_a_withdrawal_is_a_new_one(user):
    key = uuid.uuid4()
    actions.withdraw_access(ask(user, key=key), by=user)

    assert ask(user, key=key).status == GrantStatus.ASKED


def test_a_document_is_added_to_what_waits(user):
    grant = ask(user)

    ask(user, files=[upload("Выписка.pdf")])

    grant.refresh_from_db()
    assert grant.basis == GrantBasis.DOCUMENT
    assert grant.attachments.get().original_name == "Выписка.pdf"


def test_back_and_another_number_is_another_grant(user):
    key = uuid.uuid4()

    ask(user, key=key)
    ask(user, key=key, contract_number="ТП-2020/1")

    assert AccessGrant.objects.of(user).count() == 2


def test_the_queue_is_not_flooded_by_one(user, monkeypatch):
    monkeypatch.setattr(access, "MAX_WAITING", 2)
    for number in range(2):
        ask(user, contract_number=f"ТП-{number}")

    with pytest.raises(actions.AccessNotChanged):
        ask(user, contract_number="ТП-3")
    assert ask(ConsumerFactory().user, contract_number="ТП-3")


def test_a_full_disk_leaves_nothing(user, monkeypatch):
    fill_disk(monkeypatch)

    with pytest.raises(actions.FilesNotStored):
        ask(user, files=[upload()])

    assert not AccessGrant.objects.exists()


def test_the_documents_are_for_the_asker_and_for_staff_with_the_permission(user, operator):
    ask(user, files=[upload()])

    assert Attachment.objects.visible_to(user).count() == 1
    assert Attachment.objects.visible_to(operator).count() == 1
    for stranger in (ConsumerFactory().user, StaffFactory(), StaffFactory(group="dpo")):
        assert not Attachment.objects.visible_to(stranger).exists()


def test_documents_of_a_grant_are_no_drafts(user):
    grant = ask(user, files=[upload("Договор.pdf")])

    refused = access_form(owner=user, files=[upload("Другой.pdf", pdf(3))])
    actions.keep_files(form=refused, by=user)

    assert grant.attachments.count() == 1


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_twenty_at_once_are_one_grant(user):
    def send():
        try:
            return ask(user).pk
        finally:
            connection.close()

    with ThreadPoolExecutor(20) as pool:
        grants = {future.result(timeout=30) for future in [pool.submit(send) for _ in range(20)]}

    assert len(grants) == AccessGrant.objects.count() == 1


# -- Withdrawing ----------------------------------------------------------------------------------------------------


def test_the_asker_withdraws_and_twice_is_once(user):
    grant = AccessGrantFactory(user=user)

    for _ in range(2):
        actions.withdraw_access(grant, by=user)

    grant.refresh_from_db()
    assert grant.status == GrantStatus.WITHDRAWN
    assert grant.withdrawn_at


@pytest.mark.parametrize("status", [GrantStatus.CONFIRMED, GrantStatus.REFUSED, GrantStatus.REVOKED])
def test_what_is_decided_is_not_withdrawn(status):
    grant = AccessGrantFactory(status=status)

    with pytest.raises(actions.AccessNotChanged):
        actions.withdraw_access(grant, by=grant.user)


def test_nobody_withdraws_for_another(user):
    with pytest.raises(PermissionDenied):
        actions.withdraw_access(AccessGrantFactory(), by=user)


# -- Deciding -------------------------------------------------------------------------------------------------------


def test_confirming_opens_the_point_and_says_who(user, operator):
    grant, point = AccessGrantFactory(user=user), SupplyPointFactory()

    actions.confirm_access(grant, point=point, by=operator)

    grant.refresh_from_db()
    assert (grant.status, grant.known_point, grant.decided_by) == (GrantStatus.CONFIRMED, point, operator)
    assert grant.decided_at


def test_refusing_gives_the_reason(operator):
    grant = AccessGrantFactory()

    actions.refuse_access(grant, reason="Договор не ваш.", by=operator)

    grant.refresh_from_db()
    assert (grant.status, grant.reason, grant.decided_by) == (GrantStatus.REFUSED, "Договор не ваш.", operator)


def test_revoking_closes_the_point_and_keeps_who_had_confirmed(supervisor):
    grant = AccessGrantFactory(status=GrantStatus.CONFIRMED)
    confirmed_by = grant.decided_by

    actions.revoke_access(grant, reason="Договор расторгнут.", by=supervisor)

    grant.refresh_from_db()
    assert (grant.status, grant.known_point) == (GrantStatus.REVOKED, None)
    assert (grant.decided_by, grant.revoked_by) == (confirmed_by, supervisor)


def decide(name, grant, by, reason="Так."):
    given = {"point": SupplyPointFactory()} if name == "confirm" else {"reason": reason}
    getattr(actions, f"{name}_access")(grant, by=by, **given)


NAMES = {"confirm": GrantStatus.ASKED, "refuse": GrantStatus.ASKED, "revoke": GrantStatus.CONFIRMED}


@pytest.mark.parametrize("name", NAMES)
def test_the_letter_tells_no_number_and_no_name(name, supervisor):
    point = SupplyPointFactory(contract_number="ТП-2019/114", address="ул. Портовая, 71")
    grant = AccessGrantFactory(status=NAMES[name], contract_number="ТП-2019/114", meter_serial="011076148")
    if name == "revoke":
        AccessGrant.objects.update(point=point)

    decide(name, grant, supervisor)

    letter = Email.objects.get()
    text = f"{letter.subject} {letter.message} {letter.html_message}"
    assert letter.to == [grant.user.email]
    assert grant.get_absolute_url() in text
    for secret in ("2019/114", "011076148", "Портовая", "Самойлов"):
        assert secret not in text


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("status", GrantStatus)
def test_a_decision_is_made_in_one_state_alone(name, status, supervisor):
    grant = AccessGrantFactory(status=status)
    if status == NAMES[name]:
        return

    with pytest.raises(actions.AccessNotChanged):
        decide(name, grant, supervisor)

    assert AccessGrant.objects.get().status == status
    assert not Email.objects.exists()


@pytest.mark.parametrize("name", ["refuse", "revoke"])
@pytest.mark.parametrize("reason", ["", "  "])
def test_no_reason_no_decision(name, reason, supervisor):
    with pytest.raises(actions.AccessNotChanged):
        decide(name, AccessGrantFactory(status=NAMES[name]), supervisor, reason=reason)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("who", ["consumer", "no group", "editor", "dpo", "operator"])
def test_who_may_not_decide_does_not(name, who):
    grant = AccessGrantFactory(status=NAMES[name])
    staff = {"consumer": lambda: grant.user, "no group": StaffFactory}.get(who, lambda: StaffFactory(group=who))()
    if who == "operator" and name != "revoke":
        return

    with pytest.raises(PermissionDenied):
        decide(name, grant, staff)


def test_one_point_is_confirmed_for_a_consumer_once(user, operator):
    confirmed = AccessGrantFactory(user=user, status=GrantStatus.CONFIRMED)
    again = AccessGrantFactory(user=user)

    with pytest.raises(actions.AccessNotChanged, match="уже есть доступ"):
        actions.confirm_access(again, point=confirmed.point, by=operator)

    assert AccessGrant.objects.get(pk=again.pk).status == GrantStatus.ASKED


def test_a_squatter_does_not_keep_the_owner_out(operator):
    point = MeterFactory(serial="011076148", point__contract_number="ТП-2019/114").point
    ask(ConsumerFactory().user)
    owner = ConsumerFactory().user

    actions.confirm_access(ask(owner), point=point, by=operator)

    assert AccessGrant.objects.confirmed_for(owner).get().point == point
    assert AccessGrant.objects.waiting().count() == 1


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_of_two_who_decide_at_once_one_is_told(operator):
    grant, point = AccessGrantFactory(), SupplyPointFactory()

    def decide_at_once(name):
        try:
            given = {"point": point} if name == "confirm" else {"reason": "Так."}
            getattr(actions, f"{name}_access")(AccessGrant.objects.get(pk=grant.pk), by=operator, **given)
        except actions.AccessNotChanged:
            return "told"
        finally:
            connection.close()
        return "done"

    with ThreadPoolExecutor(2) as pool:
        ends = sorted(pool.map(decide_at_once, ["confirm", "refuse"]))

    assert ends == ["done", "told"]

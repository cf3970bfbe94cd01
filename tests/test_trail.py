"""The trail: who of the staff has seen whose data, who has changed what, and how long it is kept."""

from contextlib import suppress
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from threading import Barrier, BrokenBarrierError

import pytest
import time_machine
from auditlog.models import LogEntry
from axes.models import AccessAttempt
from django.contrib.admin import site
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management import call_command
from django.db import DatabaseError, IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from accounts import trail
from accounts.actions import reveal_snils
from accounts.models import Change, Consumer, DataView, Look, User
from requests_app import actions
from requests_app.models import AssignmentRule, FileAccess, GrantStatus, RetentionRule, RetentionRun, SupplyPoint
from requests_app.services import violation_report
from rsmportal.content.models import News
from rsmportal.tracked import TRACKED
from tests.factories import (
    AccessGrantFactory,
    AttachmentFactory,
    ConsumerFactory,
    InvoiceFactory,
    MeterFactory,
    ServiceRequestFactory,
    StaffFactory,
    SupplyPointFactory,
    submitted,
)
from tests.test_papers_at_once import at_once
from tests.visits import make_office, moscow

pytestmark = pytest.mark.django_db

LIST = reverse("admin:accounts_dataview_changelist")
CHANGES = reverse("admin:accounts_change_changelist")
REASON = "Запрос ОМВД № 12/345 от 20.11.2026"


@pytest.fixture
def consumer():
    return ConsumerFactory(snils="11223344595", user__email="ivan@example.org")


@pytest.fixture
def service_request(consumer):
    return ServiceRequestFactory(owner=consumer.user, number="2025-000777")


@pytest.fixture
def operator():
    return StaffFactory(group="operator", name="Марина Олеговна, оператор")


@pytest.fixture
def supervisor():
    return StaffFactory(group="supervisor", name="Андрей Викторович, руководитель")


@pytest.fixture
def dpo():
    return StaffFactory(group="dpo", name="Ольга Сергеевна, защита данных")


@pytest.fixture
def get(client, django_capture_on_commit_callbacks):
    """`get(staff, address, …)`: the page as `staff` gets it; what is written after it is written."""

    def get(staff, address, data=None, method="get"):
        client.force_login(staff)
        with django_capture_on_commit_callbacks(execute=True):
            return getattr(client, method)(address, data)

    return get


def looks():
    return [(look.kind, look.page, look.number, look.consumer_id) for look in DataView.objects.order_by("pk")]


def admin(page, row):
    return reverse(f"admin:{page}", args=[row.pk])


# -- What is written down -------------------------------------------------------------------------------------------


def test_a_page_of_a_request_is_a_look(get, operator, service_request):
    get(operator, admin("requests_app_servicerequest_change", service_request))

    look = DataView.objects.get()
    assert (look.by, look.consumer, look.number) == (operator, service_request.owner, "2025-000777")
    assert (look.kind, look.page) == (Look.PAGE, "Заявка")


@pytest.mark.parametrize("page", ["note", "message", "assign", "history"])
def test_every_page_of_a_request_is_a_look_at_it(get, operator, service_request, page):
    get(operator, admin(f"requests_app_servicerequest_{page}", service_request))

    expected = [] if page == "history" else [("page", "Заявка", "2025-000777", service_request.owner_id)]
    assert looks() == expected  # Django's history tells nothing of a consumer


def test_pages_that_show_somebody(get, supervisor, consumer):
    grant = AccessGrantFactory(user=consumer.user, status=GrantStatus.CONFIRMED)
    meter = MeterFactory(point=grant.point)
    invoice = InvoiceFactory(owner=consumer.user)
    pages = {
        "accounts_consumer_change": consumer,
        "requests_app_accessgrant_change": grant,
        "requests_app_accessgrant_revoke": grant,
        "requests_app_supplypoint_change": grant.point,
        "requests_app_reading_control_meter": meter,
        "requests_app_invoice_change": invoice,
        "requests_app_invoice_paid": invoice,
    }

    for page, row in pages.items():
        DataView.objects.all().delete()
        assert get(supervisor, admin(page, row)).status_code == 200
        assert DataView.objects.values_list("consumer", flat=True).get() == consumer.pk, page


def test_a_point_without_a_cabinet_is_a_look_at_nobody_known(get, operator):
    point = SupplyPointFactory()

    get(operator, admin("requests_app_supplypoint_change", point))

    assert looks() == [("page", "Точка поставки", point.contract_number, None)]


def test_the_same_page_within_five_minutes_is_one_look(get, operator, service_request):
    page = admin("requests_app_servicerequest_change", service_request)
    start = timezone.now()
    for after in (0, 1, 4, 6):
        with time_machine.travel(start + timedelta(minutes=after), tick=False):
            get(operator, page)

    assert DataView.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_the_same_page_in_two_tabs_at_once_is_one_look(monkeypatch):
    consumer, operator = ConsumerFactory(), StaffFactory(group="operator")
    both_ask = Barrier(2)
    known = trail._known

    def known_to_both(look):
        """Neither writes before both have asked, unless one of them has to wait."""
        found = known(look)
        with suppress(BrokenBarrierError):
            both_ask.wait(timeout=1)
        return found

    monkeypatch.setattr(trail, "_known", known_to_both)
    tab = partial(trail.saw, by=operator, kind=Look.PAGE, page="Карточка потребителя", consumers=[consumer.pk])

    assert at_once(tab, tab) == [None, None]

    assert DataView.objects.count() == 1


def test_two_colleagues_are_two_looks(get, operator, supervisor, service_request):
    for staff in (operator, supervisor):
        get(staff, admin("requests_app_servicerequest_change", service_request))

    assert set(DataView.objects.values_list("by", flat=True)) == {operator.pk, supervisor.pk}


def test_a_search_tells_its_shape_and_what_it_found(get, operator, consumer, service_request):
    get(operator, reverse("admin:requests_app_servicerequest_changelist"), {"q": "ivan@example.org"})
    get(operator, reverse("admin:accounts_consumer_changelist"), {"q": "112-233-445 95"})
    get(operator, reverse("admin:requests_app_servicerequest_changelist"), {"q": "nobody@example.org"})

    assert [(look.number, look.count, look.consumer_id) for look in DataView.objects.order_by("pk")] == [
        ("email", 1, consumer.pk),
        ("СНИЛС 112-***-*** 95", 1, consumer.pk),
        ("email", 0, None),
    ]


def test_a_search_for_who_calls_is_a_look_and_so_is_who_was_chosen(get, operator, consumer):
    register = reverse("admin:requests_app_servicerequest_register")
    get(operator, register)
    assert looks() == []

    get(operator, register, {"q": "ivan@example.org"})
    get(operator, register, {"q": "Несуществующий"})
    get(operator, register, {"consumer": consumer.pk})

    assert looks() == [
        ("search", "Запись обращения", "email", consumer.pk),
        ("search", "Запись обращения", "слова, знаков: 14", None),
        ("page", "Карточка потребителя", "", consumer.pk),
    ]


def test_a_search_for_a_meter_is_a_look(get, operator):
    meter = MeterFactory()

    get(operator, reverse("admin:requests_app_reading_control"), {"q": meter.serial})

    look = DataView.objects.get()
    assert (look.kind, look.page, look.count) == (Look.SEARCH, "Контрольное показание", 1)


def test_a_list_that_nobody_searches_is_no_look(get, operator, service_request):
    get(operator, reverse("admin:requests_app_servicerequest_changelist"))

    assert looks() == []


def test_a_download_is_a_look_each_time(get, operator, service_request):
    file = AttachmentFactory(service_request=service_request)
    for _ in range(2):
        list(get(operator, file.get_absolute_url()))

    assert looks() == [("download", "Файл", "2025-000777", service_request.owner_id)] * 2


def test_the_owner_is_not_watched(get, consumer, service_request):
    file = AttachmentFactory(service_request=service_request)
    list(get(consumer.user, file.get_absolute_url()))
    get(consumer.user, reverse("requests:detail", args=[service_request.number]))

    assert looks() == []


def test_an_export_is_a_look(get, supervisor):
    get(supervisor, reverse("admin:requests_app_reading_missing_table"))

    assert looks() == [("export", "Непереданные показания", "", None)]


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_an_exported_list_is_a_look_each_time(get, supervisor, service_request, ending):
    for _ in range(2):
        list(get(supervisor, reverse("export_list", args=["accounts", "consumer", ending]), {"q": "ivan@example.org"}))

    assert looks() == [("export", "Потребители", "email", None)] * 2


def test_a_list_that_is_not_exported_is_no_look(get, operator, supervisor):
    assert get(operator, reverse("export_list", args=["accounts", "consumer", "csv"])).status_code == 403
    assert get(supervisor, reverse("export_list", args=["accounts", "nothing", "csv"])).status_code == 404

    assert looks() == []


def test_a_page_that_is_refused_is_no_look(get, dpo, service_request):
    assert get(dpo, admin("requests_app_servicerequest_change", service_request)).status_code in (403, 404)

    assert looks() == []


def test_a_hidden_reporter_is_nobody_in_the_trail(get, supervisor, dpo):
    report = submitted(violation_report.SERVICE, reporter="anonymous")
    get(supervisor, admin("requests_app_servicerequest_change", report))
    get(supervisor, reverse("admin:requests_app_servicerequest_changelist"), {"q": report.number})
    file = AttachmentFactory(service_request=report)
    list(get(supervisor, file.get_absolute_url()))
    actions.reveal_reporter(report, reason=REASON, by=dpo)

    assert DataView.objects.count() == 4
    assert set(DataView.objects.values_list("consumer", flat=True)) == {None}


def test_a_trail_that_fails_breaks_no_page(get, operator, service_request, monkeypatch):
    def fail(*args, **kwargs):
        raise DatabaseError

    monkeypatch.setattr(trail, "_write", fail)
    assert get(operator, admin("requests_app_servicerequest_change", service_request)).status_code == 200
    monkeypatch.setattr(trail, "saw", fail)
    assert get(operator, admin("requests_app_servicerequest_change", service_request)).status_code == 200


@pytest.mark.parametrize("consumers", [1, 10])
def test_a_look_costs_the_same(operator, consumers, django_assert_num_queries, django_capture_on_commit_callbacks):
    keys = [ConsumerFactory().pk for _ in range(consumers)]

    with (
        django_assert_num_queries(5),
        django_capture_on_commit_callbacks(execute=True),
    ):  # a savepoint, the lock, seen already? then one INSERT
        trail.saw(by=operator, kind=Look.PAGE, page="Точка поставки", consumers=keys)

    assert DataView.objects.count() == consumers


# -- It stays as it is ----------------------------------------------------------------------------------------------


def test_a_row_is_neither_changed_nor_removed(operator):
    look = DataView.objects.create(by=operator, kind=Look.PAGE, page="Заявка")

    for act in (look.save, look.delete):
        with pytest.raises(ValidationError):
            act()


@pytest.mark.parametrize(
    "row",
    [{"kind": "page", "reason": "Потому что"}, {"kind": "reveal"}, {"kind": "other"}, {"kind": "page", "page": ""}],
)
def test_rows_that_make_no_sense_are_refused(operator, row):
    with pytest.raises(IntegrityError), transaction.atomic():
        DataView.objects.create(**{"by": operator, "page": "Заявка", **row})


@pytest.mark.parametrize("list_page", [LIST, CHANGES])
@pytest.mark.parametrize("group", ["operator", "supervisor", "inspector", "editor"])
def test_the_trail_opens_for_the_officer_alone(get, list_page, group):
    assert get(StaffFactory(group=group), list_page).status_code == 403


def test_nobody_touches_it_at_the_desk(get, operator):
    admins = StaffFactory(is_superuser=True)
    look = DataView.objects.create(by=operator, kind=Look.PAGE, page="Заявка")
    RetentionRule.objects.get(what="views").save()
    SupplyPointFactory()
    change = Change.objects.first()
    for page, row in (("dataview", look), ("change", change)):
        assert (
            get(admins, reverse(f"admin:accounts_{page}_delete", args=[row.pk]), {"post": "yes"}, "post").status_code
            == 403
        )
        assert (
            get(admins, reverse(f"admin:accounts_{page}_change", args=[row.pk]), {"page": "x"}, "post").status_code
            == 403
        )
        assert get(admins, reverse(f"admin:accounts_{page}_add")).status_code == 403
    assert DataView.objects.filter(pk=look.pk, page="Заявка").exists()


# -- The list -------------------------------------------------------------------------------------------------------


@pytest.fixture
def seen(operator, supervisor, consumer):
    """By two colleagues, of two consumers, of two days."""
    other = ConsumerFactory().user
    rows = [
        DataView(by=operator, kind=Look.PAGE, page="Заявка", number="2025-000777", consumer=consumer.user),
        DataView(by=supervisor, kind=Look.DOWNLOAD, page="Файл", number="2025-000778", consumer=other),
        DataView(by=supervisor, kind=Look.PAGE, page="Заявка", number="2025-1000779", consumer=consumer.user),
    ]
    rows[2].at = timezone.now() - timedelta(days=10)
    for row in rows:
        row.save()
    return rows


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        (lambda c, s: {"consumer": c.pk}, [0, 2]),
        (lambda c, s: {"colleague": s.pk}, [1, 2]),
        (lambda c, s: {"consumer": c.pk, "colleague": s.pk}, [2]),
        (lambda c, s: {"kind__exact": "download"}, [1]),
        (lambda c, s: {"days": "7"}, [0, 1]),
        (lambda c, s: {"q": "2025-000777"}, [0]),
        (lambda c, s: {"q": "2025-1000779"}, [2]),
        (lambda c, s: {"q": "ivan@example.org"}, [0, 2]),
        (lambda c, s: {"q": s.email}, [1, 2]),
        (lambda c, s: {"q": "11223344595"}, [0, 2]),
        (lambda c, s: {"q": (timezone.localdate() - timedelta(days=10)).strftime("%d.%m.%Y")}, [2]),
        (lambda c, s: {"q": "Самойлов"}, []),
        (lambda c, s: {"q": "١٢٣"}, []),
        (lambda c, s: {"q": "31.12.9999"}, []),
        (lambda c, s: {"q": "01.01.0001"}, []),
        (lambda c, s: {"q": "31.02.2026"}, []),
        (lambda c, s: {"consumer": "9" * 30}, []),
        (lambda c, s: {"consumer": "x"}, []),
        (lambda c, s: {"colleague": "x"}, []),
    ],
)
def test_the_list_is_narrowed(get, dpo, seen, consumer, supervisor, asked, expected):
    answer = get(dpo, LIST, asked(consumer, supervisor))

    assert set(answer.context["cl"].result_list) == {seen[place] for place in expected}


@pytest.mark.parametrize("lookup", ["by__password__startswith", "consumer__consumer__snils_hash__startswith"])
def test_nothing_else_can_be_asked_for(get, dpo, lookup):
    assert get(dpo, LIST, {lookup: "a"}).status_code == 400


def test_who_looks_at_the_trail_is_in_it(get, dpo, consumer):
    get(dpo, LIST, {"consumer": consumer.pk})
    get(dpo, CHANGES)

    assert looks() == [
        ("page", "Журнал просмотров", "", consumer.pk),
        ("page", "Журнал изменений", "", None),
    ]


def test_the_card_leads_to_who_has_seen_it(get, dpo, operator, consumer):
    link = f"{LIST}?consumer={consumer.pk}"

    assert link in get(dpo, admin("accounts_consumer_change", consumer)).content.decode()
    assert link not in get(operator, admin("accounts_consumer_change", consumer)).content.decode()


@pytest.mark.parametrize("rows", [1, 10])
def test_cost_of_the_list_does_not_grow(client, dpo, operator, rows, django_assert_num_queries):
    for _ in range(rows):
        DataView.objects.create(by=operator, kind=Look.DOWNLOAD, page="Файл", consumer=ConsumerFactory().user)
    client.force_login(dpo)

    with django_assert_num_queries(7):  # session, user, two of permissions, colleagues, count, rows
        client.get(LIST)


# -- SNILS ----------------------------------------------------------------------------------------------------------


def snils_page(consumer):
    return admin("accounts_consumer_snils", consumer)


def test_snils_is_shown_once_a_reason_is_written_down(get, supervisor, consumer):
    asked = get(supervisor, snils_page(consumer))
    assert "112-233-445 95" not in asked.content.decode()

    shown = get(supervisor, snils_page(consumer), {"reason": REASON}, "post")

    assert "112-233-445 95" in shown.content.decode()
    assert "no-store" in shown.headers["Cache-Control"]
    look = DataView.objects.get(kind=Look.REVEAL)
    assert (look.by, look.consumer, look.page, look.reason) == (supervisor, consumer.user, "СНИЛС", REASON)
    assert "112-233-445 95" not in get(supervisor, snils_page(consumer)).content.decode()


@pytest.mark.parametrize("reason", ["", "   ", "коротко", "а" * 501, "запрос\0 полиции № 1"])
def test_without_a_good_reason_it_is_not(get, supervisor, consumer, reason):
    answer = get(supervisor, snils_page(consumer), {"reason": reason}, "post")

    assert answer.status_code == 200
    assert "reason" in answer.context["form"].errors
    assert "112-233-445 95" not in answer.content.decode()
    assert not DataView.objects.filter(kind=Look.REVEAL).exists()


@pytest.mark.parametrize("group", ["operator", "inspector", "editor", "dpo"])
def test_snils_has_a_permission_of_its_own(get, consumer, group):
    colleague = StaffFactory(group=group)

    assert get(colleague, snils_page(consumer)).status_code == 403
    assert get(colleague, snils_page(consumer), {"reason": REASON}, "post").status_code == 403
    with pytest.raises(PermissionDenied):
        reveal_snils(consumer, reason=REASON, by=colleague)


def test_who_has_no_snils_has_no_page(get, supervisor):
    company = ConsumerFactory(legal_form="company")

    assert get(supervisor, snils_page(company)).status_code == 404
    with pytest.raises(ValueError, match="nothing"):
        reveal_snils(company, reason=REASON, by=supervisor)


@pytest.mark.parametrize("page", ["consumer_change", "consumer_snils"])
def test_a_key_that_is_too_long_for_the_database_is_of_nobody(get, supervisor, page):
    address = reverse(f"admin:accounts_{page}", args=[1])

    assert get(supervisor, address.replace("/1/", f"/{'9' * 30}/")).status_code == 404


def test_other_methods_are_refused(get, supervisor, consumer):
    assert get(supervisor, snils_page(consumer), method="put").status_code == 405


def test_the_officer_finds_reveals(get, dpo, supervisor, consumer):
    reveal_snils(consumer, reason=REASON, by=supervisor)

    html = get(dpo, LIST, {"kind__exact": "reveal"}).content.decode()

    assert REASON in html
    assert supervisor.name in html
    assert "112-233-445" not in html


@pytest.mark.parametrize("page", ["accounts_consumer_change", "accounts_consumer_history"])
def test_snils_is_masked_elsewhere(get, supervisor, consumer, service_request, page):
    pages = [admin(page, consumer), reverse("admin:accounts_consumer_changelist")]
    pages.append(admin("requests_app_servicerequest_change", service_request))

    for address in pages:
        html = get(supervisor, address).content.decode()
        assert "112-233-445" not in html
        assert "11223344595" not in html


# -- Who changed what -----------------------------------------------------------------------------------------------


def test_a_change_at_the_desk_is_written_down(get, supervisor, dpo):
    rule = {"date": "2030-01-09", "note": "Перенос"}
    get(supervisor, reverse("admin:requests_app_calendarday_add"), rule, "post")

    entry = LogEntry.objects.get(content_type__model="calendarday")
    assert (entry.actor, entry.action) == (supervisor, LogEntry.Action.CREATE)
    html = get(dpo, CHANGES).content.decode()
    assert supervisor.name in html
    assert "Перенос" in html


def test_whatever_staff_may_change_is_tracked(rf):
    request = rf.get("/")
    request.user = StaffFactory(is_superuser=True)
    tracked = {(each if isinstance(each, str) else each["model"]).lower() for each in TRACKED}

    changed = {
        model._meta.label_lower
        for model, model_admin in site._registry.items()
        if model_admin.has_add_permission(request)
        or model_admin.has_change_permission(request)
        or model_admin.has_delete_permission(request)
    }

    assert changed - {"post_office.email"} <= tracked  # the queue keeps what became of a letter itself


def test_a_rule_of_assignment_tells_whom_it_gives_work(get, supervisor, operator, dpo):
    rule = AssignmentRule.objects.create(service="inquiry", order=1)
    rule.people.add(operator)

    lines = get(dpo, CHANGES).content.decode()

    assert "Правило назначения" in lines
    assert f"кому: добавлено\N{NO-BREAK SPACE}— {operator}" in lines


def test_of_a_person_only_that_it_changed(get, consumer):
    consumer.phone, consumer.last_name, consumer.snils = "+79281110203", "Неназванов", "20000000105"
    consumer.save()

    entry = LogEntry.objects.filter(content_type__model="consumer").first()
    assert entry.changes == {"phone": ["скрыто", "скрыто"], "last_name": ["скрыто", "скрыто"]}
    stored = "".join(f"{row.object_repr}{row.changes}" for row in LogEntry.objects.all())
    for secret in ("Самойлов", "Неназванов", "+7928", consumer.snils_hash, consumer.snils_encrypted, "ivan@"):
        assert secret not in stored


def test_no_password_is_written_down(operator):
    LogEntry.objects.all().delete()  # of the group that was given
    operator.set_password("another-portal-2026")
    operator.save()

    assert not LogEntry.objects.exists()


def test_groups_of_a_colleague_are_told(get, dpo):
    colleague = StaffFactory(group="operator")

    entry = LogEntry.objects.filter(content_type__model="user", object_pk=str(colleague.pk)).first()
    assert entry.changes["groups"]["objects"] == ["Оператор"]
    assert "добавлено" in get(dpo, CHANGES).content.decode()


def test_a_point_tells_of_nobody():
    point = SupplyPointFactory(consumer_name="Неназванов П. П.", address="ул. Тайная, 1")
    SupplyPoint.objects.get(pk=point.pk).delete()

    stored = "".join(f"{row.object_repr}{row.changes}" for row in LogEntry.objects.all())
    assert "Неназванов" not in stored
    assert "Тайная" not in stored


def test_outside_a_page_it_was_the_system(get, dpo):
    SupplyPointFactory()

    assert LogEntry.objects.get(content_type__model="supplypoint").actor is None
    assert "система" in get(dpo, CHANGES).content.decode()


def test_changes_are_told_in_words(get, dpo):
    LogEntry.objects.all().delete()
    office = make_office(weekdays=[4])
    News.objects.create(title="Плановые работы", slug="raboty", summary="Коротко.", body="Текст.")
    News.objects.update(published_at=None)
    news = News.objects.get()
    news.published_at = moscow(date(2030, 1, 9), 0, 30)
    news.save()

    html = get(dpo, CHANGES).content.decode()

    assert "опубликовать: пусто → 09.01.2030 00:30" in html  # Moscow's day, the trail keeps that of London
    for words in ("день недели: пусто → пятница", "открывается: пусто → 09:00", f"офис: пусто → №\xa0{office.pk}"):
        assert words in html
    assert "пусто → пусто" not in html


@pytest.mark.parametrize("rows", [1, 10])
def test_cost_of_the_changes_does_not_grow(client, dpo, rows, django_assert_max_num_queries):
    SupplyPointFactory.create_batch(rows)
    client.force_login(dpo)
    client.get(CHANGES)  # content types are remembered from here on

    with django_assert_max_num_queries(7):
        client.get(CHANGES)


# -- How long it is kept --------------------------------------------------------------------------------------------


@pytest.fixture
def old_rows(operator, service_request):
    file = AttachmentFactory(service_request=service_request)
    long_ago = timezone.now() - timedelta(days=1100)
    DataView.objects.create(by=operator, kind=Look.PAGE, page="Заявка", at=long_ago)
    DataView.objects.create(by=operator, kind=Look.PAGE, page="Заявка")
    FileAccess.objects.create(attachment=file, by=operator, at=long_ago)
    LogEntry.objects.all().delete()
    SupplyPointFactory.create_batch(2)
    LogEntry.objects.filter(pk=LogEntry.objects.earliest("pk").pk).update(timestamp=long_ago)
    for age in (1, 100):
        attempt = AccessAttempt.objects.create(username=f"name{age}", ip_address="192.0.2.1", failures_since_start=1)
        AccessAttempt.objects.filter(pk=attempt.pk).update(attempt_time=timezone.now() - timedelta(days=age))


def left():
    return [model.objects.count() for model in (DataView, LogEntry, FileAccess, AccessAttempt)]


def test_what_is_old_goes_and_is_counted(old_rows, monkeypatch):
    monkeypatch.setattr("requests_app.actions.retention.BATCH", 1)
    assert left() == [2, 2, 1, 2]

    call_command("apply_retention", verbosity=0)

    assert left() == [1, 1, 0, 1]
    assert dict(RetentionRun.objects.values_list("what", "removed")) == dict.fromkeys(
        ["views", "changes", "downloads", "logins"], 1
    )
    call_command("apply_retention", verbosity=0)
    assert RetentionRun.objects.count() == 4


def test_a_dry_run_removes_nothing(old_rows, capsys):
    call_command("apply_retention", dry_run=True)

    assert left() == [2, 2, 1, 2]
    assert not RetentionRun.objects.exists()
    assert "views, kept 1096 days: 1 would be removed" in capsys.readouterr().out


def test_the_officer_sets_the_rules(get, dpo):
    rule = RetentionRule.objects.get(what="views")
    page = admin("requests_app_retentionrule_change", rule)

    refused = get(dpo, page, {"days": "5", "basis": "Причина"}, "post")
    assert "Не\N{NO-BREAK SPACE}меньше 30 дней." in refused.content.decode()
    get(dpo, page, {"days": "365", "basis": "Приказ № 7"}, "post")

    rule.refresh_from_db()
    assert (rule.days, rule.basis) == (365, "Приказ № 7")
    assert LogEntry.objects.get(content_type__model="retentionrule").actor == dpo


def test_retention_runs_every_night():
    unit = Path(__file__).resolve().parent.parent / "deploy/rsmportal-nightly.service"
    assert "manage.py apply_retention" in unit.read_text()


def test_a_look_outlives_the_data_it_was_at(get, dpo, operator, consumer):
    """An erasure wipes the card and keeps its row: the trail still says who looked, and holds nothing of the person."""
    DataView.objects.create(by=operator, kind=Look.PAGE, page="Карточка потребителя", consumer=consumer.user)
    Consumer.objects.filter(pk=consumer.pk).update(last_name="Удалён", first_name="по заявлению", middle_name="")
    User.objects.filter(pk=consumer.pk).update(email=f"erased-{consumer.pk}@example.org")

    html = get(dpo, LIST, {"consumer": consumer.pk}).content.decode()

    assert operator.name in html
    assert "Самойлов" not in html

"""Who may open what on the work desk: each group at each address of requests."""

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from requests_app import actions
from requests_app.deadlines import DayKind
from requests_app.lifecycle import Status
from requests_app.models import (
    Absence,
    AssignmentRule,
    CalendarDay,
    CannedReply,
    ExportRun,
    FileAccess,
    GrantStatus,
    GroupAnswer,
    ReadingWindow,
    ReporterReveal,
    ReportRun,
    RetentionRule,
    RetentionRun,
    ServiceTerm,
    SupplyImport,
    VatRate,
    ZoneLabel,
)
from requests_app.services import SERVICES
from tests.factories import (
    AccessGrantFactory,
    AttachmentFactory,
    ConsumerFactory,
    InvoiceFactory,
    ServiceRequestFactory,
    StaffFactory,
    SupplyPointFactory,
    UserFactory,
    submitted,
)
from tests.files import pdf_pages as pdf
from tests.quality import quality_rows
from tests.reading_sheets import csv_file, meters, send_sheet
from tests.surveys import make_survey
from tests.visits import make_office

pytestmark = pytest.mark.django_db

LOGIN = "login"  # led there: no place for this one
GROUPS = ["superuser", "supervisor", "operator", "dpo", "editor", "no group", "consumer", "stranger"]

#                          superuser supervisor operator dpo editor no group consumer stranger
REQUESTS = dict(zip(GROUPS, [200, 200, 200, 403, 403, 403, LOGIN, LOGIN], strict=True))
CREATION = dict(zip(GROUPS, [403, 403, 403, 403, 403, 403, LOGIN, LOGIN], strict=True))
SETTINGS = dict(zip(GROUPS, [200, 200, 403, 403, 403, 403, LOGIN, LOGIN], strict=True))
TERM_DELETION = dict(zip(GROUPS, [200, 403, 403, 403, 403, 403, LOGIN, LOGIN], strict=True))
DOWNLOADS = dict(zip(GROUPS, [200, 200, 403, 200, 403, 403, LOGIN, LOGIN], strict=True))
REDIRECT = dict(zip(GROUPS, [302, 302, 302, 302, 302, 302, LOGIN, LOGIN], strict=True))
OF_ANOTHER = dict(zip(GROUPS, [404, 404, 403, 403, 403, 403, LOGIN, LOGIN], strict=True))
FILES = dict(zip(GROUPS, [200, 200, 200, 404, 404, 404, 404, LOGIN], strict=True))

READINGS = {"reading", "readingperiod", "readingwindow"}
# Page of the desk → what it answers to each.
TABLE = {
    "servicerequest_changelist": REQUESTS,
    "servicerequest_add": CREATION,
    "servicerequest_change": REQUESTS,
    "servicerequest_history": REQUESTS,
    "servicerequest_delete": CREATION,
    "servicerequest_message": REQUESTS,
    "servicerequest_note": REQUESTS,
    "servicerequest_assign": REQUESTS,
    "servicerequest_extend": SETTINGS,
    "servicerequest_codes": SETTINGS,
    "servicerequest_transition": REQUESTS,
    "serviceterm_changelist": SETTINGS,
    "serviceterm_add": SETTINGS,
    "serviceterm_change": SETTINGS,
    "serviceterm_history": SETTINGS,
    "serviceterm_delete": TERM_DELETION,
    "calendarday_changelist": SETTINGS,
    "calendarday_add": SETTINGS,
    "calendarday_change": SETTINGS,
    "calendarday_history": SETTINGS,
    "calendarday_delete": SETTINGS,
    "fileaccess_changelist": DOWNLOADS,
    "fileaccess_add": CREATION,
    "fileaccess_change": DOWNLOADS,
    "fileaccess_history": DOWNLOADS,
    "fileaccess_delete": CREATION,
}
TABLE |= {
    "supplypoint_changelist": REQUESTS,
    "supplypoint_add": REQUESTS,
    "supplypoint_change": REQUESTS,
    "supplypoint_history": REQUESTS,
    "supplypoint_delete": TERM_DELETION,
    "zonelabel_changelist": SETTINGS,
    "zonelabel_add": SETTINGS,
    "zonelabel_change": SETTINGS,
    "zonelabel_history": SETTINGS,
    "zonelabel_delete": TERM_DELETION,
    "accessgrant_changelist": REQUESTS,
    "accessgrant_add": CREATION,
    "accessgrant_change": REQUESTS,
    "accessgrant_history": REQUESTS,
    "accessgrant_delete": CREATION,
    "accessgrant_confirm": REQUESTS,
    "accessgrant_refuse": REQUESTS,
    "accessgrant_revoke": SETTINGS,
}
TABLE |= {
    "supplyimport_upload": SETTINGS,
    "supplyimport_preview": OF_ANOTHER,
    "supplyimport_template": SETTINGS,
    "supplyimport_changelist": SETTINGS,
    "supplyimport_add": CREATION,
    "supplyimport_change": SETTINGS,
    "supplyimport_history": SETTINGS,
    "supplyimport_delete": CREATION,
    "invoice_changelist": REQUESTS,
    "invoice_add": CREATION,
    "invoice_change": REQUESTS,
    "invoice_history": REQUESTS,
    "invoice_delete": CREATION,
    "invoice_paid": REQUESTS,
    "invoice_cancel": SETTINGS,
    "invoice_unpaid": SETTINGS,
    "vatrate_changelist": SETTINGS,
    "vatrate_add": SETTINGS,
    "vatrate_change": SETTINGS,
    "vatrate_history": SETTINGS,
    "vatrate_delete": TERM_DELETION,
    "office_changelist": REQUESTS,
    "office_add": SETTINGS,
    "office_change": REQUESTS,
    "office_history": REQUESTS,
    "office_delete": TERM_DELETION,
    "office_day": REQUESTS,
    "office_displaced": REQUESTS,
    "office_close": SETTINGS,
}
TABLE |= {
    "survey_changelist": SETTINGS,
    "survey_add": SETTINGS,
    "survey_change": SETTINGS,
    "survey_history": SETTINGS,
    "survey_delete": SETTINGS,
    "survey_publish": SETTINGS,
    "survey_close": SETTINGS,
    "survey_copy": SETTINGS,
    "survey_preview": SETTINGS,
    "survey_results": SETTINGS,
    "survey_export": SETTINGS,
}
TABLE |= {
    "reading_changelist": REQUESTS,
    "reading_add": CREATION,
    "reading_change": REQUESTS,
    "reading_history": REQUESTS,
    "reading_delete": CREATION,
    "reading_accept": REQUESTS,
    "reading_correct": REQUESTS,
    "reading_reject": REQUESTS,
    "reading_control": REQUESTS,
    "reading_control_meter": REQUESTS,
    "reading_missing": REQUESTS,
    "reading_missing_table": REQUESTS,
    "reading_export": REQUESTS,
    "reading_table": REQUESTS,
    "readingperiod_changelist": REQUESTS,
    "readingperiod_add": CREATION,
    "readingperiod_change": REQUESTS,
    "readingperiod_history": REQUESTS,
    "readingperiod_delete": CREATION,
    "readingperiod_close": SETTINGS,
    "readingperiod_reopen": SETTINGS,
    "readingwindow_changelist": REQUESTS,
    "readingwindow_add": CREATION,
    "readingwindow_change": REQUESTS,
    "readingwindow_history": REQUESTS,
    "readingwindow_delete": CREATION,
}
TABLE |= {
    "reportrun_changelist": SETTINGS,
    "reportrun_add": CREATION,
    "reportrun_change": SETTINGS,
    "reportrun_history": SETTINGS,
    "reportrun_delete": CREATION,
    "reportrun_make": SETTINGS,
    "reportrun_file": SETTINGS,
}
for _model in ("answergrade", "answerreview", "repetition"):
    TABLE |= {
        f"{_model}_changelist": SETTINGS,
        f"{_model}_add": CREATION,
        f"{_model}_change": SETTINGS,
        f"{_model}_history": SETTINGS,
        f"{_model}_delete": CREATION,
    }
TABLE |= {
    "answergrade_quality": SETTINGS,
    "answerreview_read": SETTINGS,
    "qualityrule_changelist": SETTINGS,
    "qualityrule_add": CREATION,
    "qualityrule_change": SETTINGS,
    "qualityrule_history": SETTINGS,
    "qualityrule_delete": CREATION,
}
REPLIES = dict(zip(GROUPS, [200, 200, 403, 403, 200, 403, LOGIN, LOGIN], strict=True))
ONLY_SENT_TO = dict(zip(GROUPS, [405, 405, 405, 405, 405, 405, LOGIN, LOGIN], strict=True))
TABLE |= {
    "cannedreply_changelist": REPLIES,
    "cannedreply_add": REPLIES,
    "cannedreply_change": REPLIES,
    "cannedreply_history": REPLIES,
    "cannedreply_delete": REPLIES,
    "servicerequest_presence": ONLY_SENT_TO,
    "servicerequest_preview": REQUESTS | {"dpo": 404},
    "servicerequest_picture": REQUESTS | {"dpo": 404},
}
TABLE |= {
    "servicerequest_together": REQUESTS,
    "servicerequest_answered": REQUESTS | {"dpo": 404},
}
LOG_OF_EXPORTS = SETTINGS | {"dpo": 200}
TABLE |= {
    "exportrun_changelist": LOG_OF_EXPORTS,
    "exportrun_add": CREATION,
    "exportrun_change": LOG_OF_EXPORTS,
    "exportrun_history": LOG_OF_EXPORTS,
    "exportrun_delete": CREATION,
}
for _service in SERVICES:
    TABLE |= {
        f"{_service.detail_name}_changelist": REQUESTS,
        f"{_service.detail_name}_add": CREATION,
        f"{_service.detail_name}_change": REDIRECT,  # to the page of the request
        f"{_service.detail_name}_history": REQUESTS,
        f"{_service.detail_name}_delete": CREATION,
    }

# The data protection officer knows of violation reports, and of no other requests. Operators know of all but these.
TABLE["servicerequest_changelist"] = REQUESTS | {"dpo": 200}
for _page in ("change", "history", "delete"):
    TABLE[f"servicerequest_{_page}"] = TABLE[f"servicerequest_{_page}"] | {"dpo": 404}
for _page in ("changelist", "history"):
    TABLE[f"violationreport_{_page}"] = REQUESTS | {"operator": 403, "dpo": 200}
REVEALS = REQUESTS | {"operator": 403, "dpo": 200}
TABLE |= {
    "servicerequest_reporter": CREATION | {"superuser": 404, "dpo": 404},  # nobody is hidden in that one
    "reporterreveal_changelist": REVEALS,
    "reporterreveal_add": CREATION,
    "reporterreveal_change": REVEALS,
    "reporterreveal_history": REVEALS,
    "reporterreveal_delete": CREATION,
}
OFFICER = CREATION | {"superuser": 200, "dpo": 200}
TABLE |= {
    "retentionrule_changelist": OFFICER,
    "retentionrule_add": CREATION,
    "retentionrule_change": OFFICER,
    "retentionrule_history": OFFICER,
    "retentionrule_delete": CREATION,
    "retentionrun_changelist": OFFICER,
    "retentionrun_add": CREATION,
    "retentionrun_change": OFFICER,
    "retentionrun_history": OFFICER,
    "retentionrun_delete": CREATION,
}
TABLE["servicerequest_bulk"] = REQUESTS
# Everybody who handles requests enters the own absence; supervisors those of all, and the rules.
POSTED = REQUESTS | dict.fromkeys(GROUPS[:6], 405)  # a button's, refused before anything is looked up
TABLE |= {
    "servicerequest_register": REQUESTS,
    "servicerequest_registerform": REQUESTS,
    "servicerequest_link": CREATION | dict.fromkeys(GROUPS[:3], 404),  # its consumer has sent that one
    "assignmentrule_changelist": SETTINGS,
    "assignmentrule_add": SETTINGS,
    "assignmentrule_change": SETTINGS,
    "assignmentrule_history": SETTINGS,
    "assignmentrule_delete": SETTINGS,
    "assignmentrule_workload": SETTINGS,
    "absence_changelist": REQUESTS,
    "absence_enter": REQUESTS,
    "absence_add": CREATION,
    "absence_change": REQUESTS | {"operator": 404},  # somebody else's
    "absence_history": REQUESTS | {"operator": 404},
    "absence_delete": CREATION | {"operator": 404},
    "absence_end": POSTED,
    "absence_return": POSTED,
}


@pytest.fixture
def rows():
    """The key of a row of each model."""
    attachment = AttachmentFactory(service_request=ServiceRequestFactory(), data=pdf())
    term = ServiceTerm.objects.create(
        service="inquiry", days=10, day_kind=DayKind.WORKING, legal_basis="Срок", valid_from="2030-01-01"
    )
    downloads = FileAccess.objects.create(attachment=attachment, by=StaffFactory())
    day = CalendarDay.objects.create(date="2030-01-09", is_working=False)
    keys = {"servicerequest": attachment.service_request.pk, "serviceterm": term.pk}
    details = {service.detail_name: submitted(service).pk for service in SERVICES}
    keys |= {
        "supplypoint": SupplyPointFactory().pk,
        "zonelabel": ZoneLabel.objects.get(zones=3, number=3).pk,
    }  # no meter has it
    reveal = ReporterReveal(service_request_id=details["violationreport"], by=StaffFactory(), reason="Запрос полиции")
    reveal.save()
    keys["reporterreveal"] = reveal.pk
    keys["survey"] = make_survey(is_anonymous=False).pk
    keys["accessgrant"] = AccessGrantFactory(status=GrantStatus.CONFIRMED).pk
    keys["supplyimport"] = SupplyImport.objects.create(file_name="Точки.csv", applied_at=timezone.now()).pk
    keys |= {"invoice": InvoiceFactory().pk, "vatrate": VatRate.objects.first().pk}
    keys["office"] = make_office().pk
    gone = StaffFactory()
    keys["assignmentrule"] = AssignmentRule.objects.create(service="inquiry").pk
    keys["absence"] = Absence.objects.create(who=gone, from_day="2030-01-09", until="2030-01-10", entered_by=gone).pk
    run = ReportRun(table="4.1", first_day="2025-01-01", last_day="2025-12-31", rows=0, by=StaffFactory())
    run.save()
    keys["reportrun"] = run.pk
    keys["cannedreply"] = CannedReply.objects.first().pk
    exporting = ExportRun(listing="requests_app.inquiry", file_format="csv", by=StaffFactory())
    exporting.save()
    keys["exportrun"] = exporting.pk
    group = GroupAnswer.objects.create(by=StaffFactory())
    group.parts.create(service_request=attachment.service_request)
    keys["group"] = group.pk
    owner, [meter] = meters(1)
    sent = send_sheet(Client(), owner, csv_file((meter.serial, "", "9000", "", "верно"))).service_request
    keys |= {"reading": sent.readings.get().pk, "readingperiod": sent.readings.get().period_id}
    keys["retentionrule"] = RetentionRule.objects.first().pk
    gone = RetentionRun.objects.create(what="views", before=timezone.now(), days=1096, removed=1)
    keys["retentionrun"] = gone.pk
    keys |= {"readingwindow": ReadingWindow.objects.first().pk, "meter": meter.pk}
    keys |= {"qualityrule": 1, **quality_rows()}
    return {**keys, **details, "calendarday": day.pk, "fileaccess": downloads.pk, "file": attachment.pk}


def log_in(client, who):
    if who == "consumer":
        client.force_login(ConsumerFactory(agreed=True).user)
    elif who == "superuser":
        client.force_login(StaffFactory(is_superuser=True))
    elif who == "no group":
        client.force_login(StaffFactory())
    elif who != "stranger":
        client.force_login(StaffFactory(group=who))


def address(page, rows):
    model, _, name = page.partition("_")
    alone = ("changelist", "add", "upload", "template", "control", "missing", "missing_table", "table", "make", "file")
    if name == "together":
        return f"{reverse('admin:requests_app_servicerequest_together')}?pk={rows['servicerequest']}"
    model = "group" if name == "answered" else model
    alone += ("register", "registerform", "workload", "enter")
    is_alone = name in alone or page in ("reading_export", "answergrade_quality")
    if name == "bulk":
        return f"{reverse('admin:requests_app_servicerequest_bulk', args=['take'])}?ids={rows[model]}"
    arguments = [] if is_alone else [rows["meter" if name == "control_meter" else model]]
    more = {"transition": ["take"], "template": ["csv"], "table": ["csv"], "day": ["2026-11-26"]}
    more |= {"export": ["csv"]} if model == "survey" else {}
    more |= {"file": ["4.1"], "registerform": ["inquiry"]}
    more |= {"preview": [rows.get("file")], "picture": [rows.get("file"), 1]} if model == "servicerequest" else {}
    arguments += more.get(name, [])
    return reverse(f"admin:requests_app_{page}", args=arguments)


@pytest.mark.parametrize("who", GROUPS)
def test_each_page_opens_for_whom_it_is_meant(client, rows, who):
    log_in(client, who)

    answers = {page: client.get(address(page, rows)) for page in TABLE}

    seen = {
        page: LOGIN if "/login/" in answer.get("Location", "") else answer.status_code
        for page, answer in answers.items()
    }
    for answer in answers.values():
        answer.close()
    assert seen == {page: meant[who] for page, meant in TABLE.items()}


def test_the_table_has_every_page():
    named = {
        pattern.name.removeprefix("requests_app_")
        for model_admin in admin.site._registry.values()
        if model_admin.opts.app_label == "requests_app"
        for pattern in model_admin.get_urls()
        if pattern.name
    }

    assert named == set(TABLE)


@pytest.mark.parametrize("who", GROUPS)
def test_files_open_for_whom_the_requests_do(client, rows, who):
    log_in(client, who)

    answer = client.get(reverse("requests:file", args=[rows["file"]]))
    list(answer)  # read to its end, so the file is closed

    assert (LOGIN if "/login/" in answer.get("Location", "") else answer.status_code) == FILES[who]


@pytest.mark.parametrize(("who", "status"), [("dpo", 404), ("editor", 403), ("no group", 403)])
def test_a_detail_leads_who_sees_no_requests_nowhere(client, rows, who, status):
    log_in(client, who)

    for service in SERVICES:
        expected = 200 if who == "dpo" and service.slug == "violation-report" else status
        assert client.get(address(f"{service.detail_name}_change", rows), follow=True).status_code == expected


@pytest.mark.parametrize("who", ["dpo", "editor", "no group"])
def test_who_sees_no_requests_does_nothing_to_them(client, rows, who):
    log_in(client, who)

    for page in ("message", "note", "assign", "transition"):
        assert client.post(address(f"servicerequest_{page}", rows), {"body": "Текст"}).status_code == 403


@pytest.mark.parametrize(
    ("who", "models"),
    [
        (
            "operator",
            {"servicerequest", "supplypoint", "accessgrant", "invoice", "office", "absence", *READINGS}
            | {service.detail_name for service in SERVICES} - {"violationreport"},
        ),
        (
            "dpo",
            {
                "fileaccess",
                "servicerequest",
                "violationreport",
                "reporterreveal",
                "retentionrule",
                "retentionrun",
                "exportrun",
            },
        ),
        ("editor", {"cannedreply"}),
    ],
)
def test_the_menu_names_what_opens(client, who, models):
    log_in(client, who)

    apps = client.get(reverse("admin:index")).context["available_apps"]

    shown = {
        model["object_name"].lower() for app in apps if app["app_label"] == "requests_app" for model in app["models"]
    }
    assert shown == models


@pytest.mark.parametrize(
    ("who", "status"),
    [("superuser", 200), ("supervisor", 200), ("operator", 200), ("dpo", 404), ("editor", 403), ("no group", 403)],
)
def test_who_may_see_a_request_learns_who_looks_at_it(client, rows, who, status):
    log_in(client, who)

    assert client.post(address("servicerequest_presence", rows)).status_code == status


# -- Lists of what was asked ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.slug)
def test_each_service_has_a_list_that_leads_to_the_requests(client, service):
    service_request = submitted(service)
    log_in(client, "supervisor")
    listing = client.get(address(f"{service.detail_name}_changelist", {}))

    html = listing.content.decode()
    leads_to = client.get(reverse(f"admin:requests_app_{service.detail_name}_change", args=[service_request.pk])).url

    assert service_request.number in html
    assert "Самойлов Николай Петрович" in html
    assert leads_to == reverse("admin:requests_app_servicerequest_change", args=[service_request.pk])


@pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.slug)
def test_each_list_is_filtered_by_its_own_filters_alone(client, service):
    log_in(client, "supervisor")
    listing = address(f"{service.detail_name}_changelist", {})
    field = service.form_class.subject_field

    if service.detail_model._meta.get_field(field).choices:
        assert client.get(listing, {f"{field}__exact": "other"}).status_code == 200
    for lookup in ("service_request__owner__password__startswith", "question__contains", f"{field}__startswith"):
        assert client.get(listing, {lookup: "a"}).status_code == 400


@pytest.mark.parametrize("rows_in_list", [1, 50])
def test_cost_of_a_detail_list_does_not_grow(client, rows_in_list, django_assert_num_queries):
    owner = ConsumerFactory().user
    ServiceRequestFactory.create_batch(rows_in_list, owner=owner)
    log_in(client, "operator")

    with django_assert_num_queries(6):  # session, user, two of permissions, count, rows
        client.get(reverse("admin:requests_app_inquiry_changelist"))


# -- Terms and calendar ---------------------------------------------------------------------------------------------

TERM = {"service": "inquiry", "days": "10", "day_kind": "working", "legal_basis": "Приказ № 1"}


def test_a_new_term_is_a_new_row(client):
    log_in(client, "supervisor")
    today = timezone.localdate()

    client.post(reverse("admin:requests_app_serviceterm_add"), {**TERM, "valid_from": today.isoformat()})

    assert ServiceTerm.objects.current(on=today).get(service="inquiry").days == 10


def test_a_term_does_not_begin_in_the_past(client):
    log_in(client, "supervisor")

    response = client.post(reverse("admin:requests_app_serviceterm_add"), {**TERM, "valid_from": "2026-02-01"})

    assert response.context["adminform"].form.errors["valid_from"].as_data()[0].code == "past"


@pytest.mark.parametrize("days", ["0", "366", "40000"])
def test_a_term_that_is_no_term_is_told_by_its_field(client, days):
    log_in(client, "supervisor")
    term = {**TERM, "days": days, "valid_from": timezone.localdate().isoformat()}

    response = client.post(reverse("admin:requests_app_serviceterm_add"), term)

    assert list(response.context["adminform"].form.errors) == ["days"]


def test_a_term_by_which_requests_were_registered_is_not_rewritten(client):
    term = ServiceTerm.objects.get(service="inquiry")
    ServiceRequestFactory()
    client.force_login(StaffFactory(is_superuser=True))
    change = reverse("admin:requests_app_serviceterm_change", args=[term.pk])

    shown = client.get(change).content.decode()
    changed = client.post(change, {**TERM, "valid_from": "2026-01-01"})
    deleted = client.post(reverse("admin:requests_app_serviceterm_delete", args=[term.pk]), {"post": "yes"})

    assert (changed.status_code, deleted.status_code) == (403, 403)
    assert 'name="_save"' not in shown
    assert ServiceTerm.objects.get(pk=term.pk).days == term.days


def test_a_term_without_requests_is_corrected(client):
    term = ServiceTerm.objects.get(service="inquiry")
    log_in(client, "supervisor")

    client.post(
        reverse("admin:requests_app_serviceterm_change", args=[term.pk]),
        {**TERM, "valid_from": term.valid_from.isoformat()},
    )

    assert ServiceTerm.objects.get(pk=term.pk).days == 10


def test_calendar_is_kept_by_the_supervisor(client):
    log_in(client, "supervisor")

    client.post(reverse("admin:requests_app_calendarday_add"), {"date": "2030-01-09", "note": "Перенос"})

    day = CalendarDay.objects.get()
    assert not day.is_working
    assert "среда" in client.get(reverse("admin:requests_app_calendarday_changelist")).content.decode()


# -- Who downloaded what --------------------------------------------------------------------------------------------


def test_downloads_are_listed(client):
    attachment = AttachmentFactory(service_request=ServiceRequestFactory(status=Status.IN_PROGRESS))
    operator = StaffFactory(group="operator", name="Марина Олеговна, оператор")
    client.force_login(operator)
    list(client.get(attachment.get_absolute_url()))
    log_in(client, "dpo")

    html = client.get(reverse("admin:requests_app_fileaccess_changelist")).content.decode()

    assert "Марина Олеговна, оператор" in html
    assert attachment.original_name in html
    assert attachment.service_request.number in html


def test_bare_permission_of_a_step_is_checked_by_the_action_too():
    with pytest.raises(actions.TransitionNotAllowed):
        actions.transition(ServiceRequestFactory(), "take", by=StaffFactory(group="dpo"))
    with pytest.raises(actions.TransitionNotAllowed):
        actions.assign(ServiceRequestFactory(), to=None, by=UserFactory())

"""
The reporter who is not named: what could tell who it is, place by place, and the one way to learn it. Everything is
looked for in what staff with every permission but `see_reporter` are shown.
"""

import itertools

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse
from post_office.models import Email

from accounts.models import LegalForm
from requests_app import actions, services
from requests_app.models import Attachment, FileAccess, ReporterReveal, ServiceRequest
from requests_app.services import violation_report
from requests_app.services.violation_report.life import REPORT
from tests.factories import ConsumerFactory, StaffFactory, filled, said, step_form, submitted
from tests.files import exif_of_a_phone, picture, upload

pytestmark = pytest.mark.django_db

SERVICE = violation_report.SERVICE
LIST = reverse("admin:requests_app_servicerequest_changelist")
REASON = "Запрос ОМВД № 12/345 от 20.11.2026"


@pytest.fixture
def reporter():
    return ConsumerFactory(last_name="Неназванов", phone="+79281110203").user


@pytest.fixture
def report(reporter):
    return submitted(
        SERVICE,
        owner=reporter,
        reporter="anonymous",
        files=[upload("Неназванов, кв. 5.jpg", picture(exif=exif_of_a_phone()))],
    )


@pytest.fixture
def inspector():
    return StaffFactory(group="inspector", name="Виктор Павлович, контролёр")


@pytest.fixture
def supervisor(client):
    """Everything but the right to see the reporter: the requests, the consumers, the log of downloads."""
    supervisor = StaffFactory(group="supervisor", name="Андрей Викторович, руководитель")
    client.force_login(supervisor)
    return supervisor


def at(service_request, page):
    return reverse(f"admin:requests_app_servicerequest_{page}", args=[service_request.pk])


def traces(text, reporter):
    """Whatever in the text names the reporter or leads to them."""
    consumer = reporter.consumer
    telling = {
        "name": consumer.last_name,
        "e-mail": reporter.email,
        "phone": "111-02-03",
        "identifier": consumer.masked_identifier,
        "digits": consumer.snils,
        "legal form": consumer.get_legal_form_display(),
        "card": reverse("admin:accounts_consumer_change", args=[reporter.pk]),
        "file name": "Неназванов, кв. 5",
    }
    return [what for what, trace in telling.items() if trace in text]


def walked(report, inspector):
    """The report with everything that can be said and done in it."""
    owner = report.owner

    def step(name, **answers):
        form = step_form(name, by=inspector, life=REPORT, **answers)
        actions.transition(report, name, by=inspector, form=form)
        report.refresh_from_db()

    step("take", comment="")
    step("ask", comment="Где именно этот щиток?")
    photo = upload("Неназванов, кв. 5, щиток.png", picture("PNG"))
    actions.post_message(report, form=said("У подъезда.", by=owner, files=[photo]), by=owner)
    report.refresh_from_db()
    actions.write_note(report, form=said("Выехали.", by=inspector), by=inspector)
    return report


# -- What is stored -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("legal_form", LegalForm)
def test_the_row_names_nobody(legal_form):
    owner = ConsumerFactory(legal_form=legal_form).user
    sent = submitted(SERVICE, owner=owner, reporter="anonymous")

    snapshot = [sent.applicant_name, sent.applicant_legal_form, sent.applicant_identifier, sent.applicant_email]

    assert [*snapshot, sent.applicant_phone] == ["Заявитель скрыт", "", "", "", ""]
    assert sent.owner == owner


def test_a_named_report_names_its_reporter(reporter):
    sent = submitted(SERVICE, owner=reporter)

    assert sent.applicant_name == reporter.consumer.display_name
    assert not sent.is_anonymous


def test_files_get_numbers_for_names(report, inspector):
    walked(report, inspector)

    assert [file.original_name for file in report.attachments.all()] == ["Фото 1.jpg", "Фото 2.png"]


def test_files_kept_from_a_refused_form_get_numbers_too(client, reporter):
    client.force_login(reporter)
    typed = {**SERVICE.example, "reporter": "anonymous", "submission_key": "6f9a3a52-6a3c-4f0e-9d5c-2b1d6f3f7a11"}
    address = reverse("requests:submit", args=[SERVICE.slug])

    client.post(address, {**typed, "kind": "", "files": upload("Неназванов, кв. 5.jpg", picture())})
    client.post(address, typed)

    assert Attachment.objects.get().original_name == "Фото 1.jpg"


def test_files_of_a_named_reporter_keep_their_names(reporter):
    sent = submitted(SERVICE, owner=reporter, files=[upload("Щиток.jpg", picture())])

    assert sent.attachments.get().original_name == "Щиток.jpg"


# -- What staff are shown -------------------------------------------------------------------------------------------


def test_no_page_of_it_names_the_reporter(client, report, reporter, inspector, supervisor):
    walked(report, inspector)
    pages = [at(report, name) for name in ("change", "history", "message", "note", "assign")]
    pages += [f"{at(report, 'change')[: -len('change/')]}transition/{step}/" for step in ("confirm", "dismiss", "ask")]
    pages += [LIST, reverse("admin:requests_app_violationreport_changelist"), reverse("admin:index")]
    pages += [reverse("admin:requests_app_violationreport_history", args=[report.pk])]

    for who, address in itertools.product([inspector, supervisor], pages):
        client.force_login(who)
        response = client.get(address)
        html = response.content.decode()
        assert response.status_code == 200, address
        assert traces(html, reporter) == [], address


def test_the_page_says_that_the_reporter_is_hidden_and_offers_no_way(client, report, supervisor):
    html = client.get(at(report, "change")).content.decode()

    assert "Заявитель скрыт" in html
    assert "Карточка потребителя" not in html
    assert "Все заявки заявителя" not in html
    assert at(report, "reporter") not in html


def test_what_the_reporter_writes_is_signed_by_nobody(client, report, inspector, supervisor):
    walked(report, inspector)

    html = client.get(at(report, "change")).content.decode()

    assert "<strong>Заявитель скрыт</strong>" in html
    assert "У подъезда." in html
    assert "Виктор Павлович, контролёр" in html


def test_the_history_says_who_of_staff_acted_and_no_more(client, report, inspector, supervisor):
    walked(report, inspector)

    html = client.get(at(report, "change")).content.decode()
    course = html[html.index('class="timeline"') :]
    history = course[: course.index("</ol>")]

    assert history.count("Виктор Павлович") == 4  # took it, asked, what was asked, the note
    assert history.count('class="timeline-step"') == 4
    assert "Самойлов" not in history


def test_the_name_of_a_downloaded_file_is_a_number(client, report, supervisor):
    response = client.get(report.attachments.get().get_absolute_url())
    list(response)

    assert "%D0%9D%D0%B5%D0%BD%D0%B0%D0%B7%D0%B2" not in response["Content-Disposition"]  # «Неназв»


def test_the_log_of_downloads_hides_the_reporter_and_names_staff(client, report, reporter, inspector):
    for who in (reporter, inspector):
        client.force_login(who)
        list(client.get(report.attachments.get().get_absolute_url()))
    client.force_login(StaffFactory(group="supervisor"))
    log = reverse("admin:requests_app_fileaccess_changelist")
    pages = [log, *(reverse("admin:requests_app_fileaccess_change", args=[row.pk]) for row in FileAccess.objects.all())]

    texts = [client.get(address).content.decode() for address in pages]

    assert [traces(text, reporter) for text in texts] == [[], [], []]
    assert "Заявитель скрыт" in texts[0]
    assert "Виктор Павлович, контролёр" in texts[0]


def test_the_card_of_the_consumer_does_not_lead_to_it(client, report, reporter, supervisor):
    html = client.get(reverse("admin:accounts_consumer_change", args=[reporter.pk])).content.decode()

    assert report.number not in html
    assert at(report, "change") not in html


def test_django_keeps_no_record_of_its_own(report, inspector):
    walked(report, inspector)

    assert not LogEntry.objects.exists()


# -- Searches: to be found is to be told ----------------------------------------------------------------------------


def found(client, **query):
    return list(client.get(LIST, query).context["cl"].result_list)


@pytest.mark.parametrize("group", ["inspector", "supervisor", "dpo"])
def test_no_search_by_the_reporter_finds_it(client, report, reporter, group):
    client.force_login(StaffFactory(group=group))
    consumer = reporter.consumer
    terms = [
        reporter.email,
        consumer.snils,
        f"СНИЛС {consumer.snils}",
        "Неназванов",
        consumer.display_name,
        "928 111-02-03",
    ]

    for term in terms:
        assert found(client, q=term) == [], term
    assert found(client, q=report.number) == [report]


@pytest.mark.parametrize("legal_form", [LegalForm.SOLE_TRADER, LegalForm.COMPANY])
def test_no_search_by_an_identifier_of_a_firm_finds_it(client, legal_form, supervisor):
    consumer = ConsumerFactory(legal_form=legal_form)
    submitted(SERVICE, owner=consumer.user, reporter="anonymous")
    named = submitted(SERVICE, owner=consumer.user)

    for term in filter(None, (consumer.inn, consumer.ogrn, consumer.ogrnip, consumer.user.email)):
        assert found(client, q=term) == [named], term


@pytest.mark.parametrize(
    "lookup", ["owner", "owner__id__exact", "owner__email", "owner__consumer__last_name__startswith", "applicant_email"]
)
def test_no_address_narrows_a_list_by_the_reporter(client, report, reporter, supervisor, lookup):
    value = reporter.pk if "id" in lookup or lookup == "owner" else reporter.email
    for page in ("servicerequest", "violationreport", "fileaccess"):
        prefix = {"servicerequest": "", "violationreport": "service_request__"}.get(
            page, "attachment__service_request__"
        )
        response = client.get(reverse(f"admin:requests_app_{page}_changelist"), {f"{prefix}{lookup}": value})
        assert response.status_code in (302, 400)
        assert report.number not in response.content.decode()


def test_a_complaint_cannot_name_it(report, reporter):
    """Whose the complaint is stands in it; the report that it repeats would then be theirs."""
    complaint = services.get("complaint")
    form = complaint.form_class(owner=reporter)
    sent = filled(complaint, owner=reporter, repeats=report.pk)

    assert report not in form.fields["repeats"].queryset
    assert not sent.is_valid()
    assert "repeats" in sent.errors


# -- Letters and paper ----------------------------------------------------------------------------------------------


def test_letters_to_the_reporter_do_not_say_about_what(report, reporter, inspector):
    walked(report, inspector)
    form = step_form("confirm", by=inspector, comment="Подключение без договора.", life=REPORT)
    actions.transition(report, "confirm", by=inspector, form=form)

    letters = Email.objects.filter(to=reporter.email)

    assert len(letters) == 3  # received, a question, the end
    for letter in letters:
        text = f"{letter.subject} {letter.context}"
        assert letter.subject
        for telling in (report.number, report.get_absolute_url(), "наруш", "провер", "сообщен"):
            assert telling not in text.lower()


def test_letters_to_staff_do_not_name_the_reporter(report, reporter, inspector):
    walked(report, inspector)

    letters = Email.objects.exclude(to=reporter.email)

    assert len(letters) == 1  # the answer to the question
    assert traces(f"{letters[0].subject} {letters[0].context}", reporter) == []


def test_letters_of_danger_do_not_name_the_reporter(reporter, inspector):
    submitted(SERVICE, owner=reporter, reporter="anonymous", is_dangerous="on")

    letter = Email.objects.get(to=inspector.email)

    assert traces(f"{letter.subject} {letter.context}", reporter) == []


def test_the_receipt_on_paper_has_no_name(client, report, reporter):
    client.force_login(reporter)

    html = client.get(reverse("requests:receipt", args=[report.number])).content.decode()
    paper = html[html.index("<h1>") : html.index("<footer")]

    assert report.number in paper
    assert "попросил не&nbsp;называть его" in paper
    assert traces(paper, reporter) == []


def test_the_reporter_sees_it_as_theirs(client, report, reporter):
    client.force_login(reporter)

    assert report.title in client.get(reverse("requests:list")).content.decode()
    html = client.get(report.get_absolute_url()).content.decode()
    assert "<dt>Заявитель скрыт</dt><dd>да</dd>" in html
    assert client.get(reverse("requests:list"), {"q": report.number}).content.decode().count(report.number) >= 1


def test_nobody_else_sees_it(client, report):
    client.force_login(ConsumerFactory(agreed=True).user)

    for address in (report.get_absolute_url(), reverse("requests:receipt", args=[report.number])):
        assert client.get(address).status_code == 404
    assert client.get(report.attachments.get().get_absolute_url()).status_code == 404


# -- The one way to learn it ----------------------------------------------------------------------------------------


@pytest.fixture
def officer(client):
    officer = StaffFactory(group="dpo", name="Ольга Сергеевна, защита данных")
    client.force_login(officer)
    return officer


def test_the_page_asks_for_a_reason_first(client, report, reporter, officer):
    html = client.get(at(report, "reporter")).content.decode()

    assert traces(html, reporter) == []
    assert "Основание" in html
    assert not ReporterReveal.objects.exists()


@pytest.mark.parametrize("reason", ["", "   ", "Надо", "\0" * 20, "о" * 501])
def test_without_a_reason_nothing_is_told(client, report, reporter, officer, reason):
    response = client.post(at(report, "reporter"), {"reason": reason})

    assert response.status_code == 200
    assert "error" in response.content.decode()
    assert traces(response.content.decode(), reporter) == []
    assert not ReporterReveal.objects.exists()


def test_with_a_reason_it_is_told_and_written_down(client, report, reporter, officer):
    html = client.post(at(report, "reporter"), {"reason": REASON}).content.decode()

    assert {"name", "e-mail", "phone", "identifier"} <= set(traces(html, reporter))
    reveal = ReporterReveal.objects.get()
    assert (reveal.service_request, reveal.by, reveal.reason) == (report, officer, REASON)


def test_each_look_is_a_line(client, report, officer):
    for _ in range(2):
        client.post(at(report, "reporter"), {"reason": REASON})

    assert ReporterReveal.objects.count() == 2


def test_the_name_does_not_stay_on_the_page_of_the_request(client, report, reporter, officer):
    client.post(at(report, "reporter"), {"reason": REASON})

    html = client.get(at(report, "change")).content.decode()

    assert traces(html, reporter) == []
    assert REASON in html
    assert "Ольга Сергеевна, защита данных" in html


def test_supervisors_read_who_has_looked_and_not_at_whom(client, report, reporter, officer, supervisor):
    actions.reveal_reporter(report, reason=REASON, by=officer)
    client.force_login(supervisor)
    log = reverse("admin:requests_app_reporterreveal_changelist")
    one = reverse("admin:requests_app_reporterreveal_change", args=[ReporterReveal.objects.get().pk])

    for address in (log, one, at(report, "change")):
        html = client.get(address).content.decode()
        assert REASON in html
        assert "Ольга Сергеевна" in html
        assert traces(html, reporter) == []


def test_inspectors_do_not_read_the_log(client, report, officer, inspector):
    actions.reveal_reporter(report, reason=REASON, by=officer)
    client.force_login(inspector)

    assert client.get(reverse("admin:requests_app_reporterreveal_changelist")).status_code == 403
    assert REASON not in client.get(at(report, "change")).content.decode()


def test_the_log_leaves_out_reports_that_one_may_not_know_of(client, report, officer):
    actions.reveal_reporter(report, reason=REASON, by=officer)
    auditor = StaffFactory()
    auditor.user_permissions.add(Permission.objects.get(codename="view_reporterreveal"))
    client.force_login(auditor)

    html = client.get(reverse("admin:requests_app_reporterreveal_changelist")).content.decode()
    one = client.get(reverse("admin:requests_app_reporterreveal_change", args=[ReporterReveal.objects.get().pk]))

    assert report.number not in html
    assert REASON not in html
    assert one.status_code == 404


@pytest.mark.parametrize("rows", [1, 10])
def test_the_log_costs_the_same_for_one_and_for_ten(client, report, officer, django_assert_num_queries, rows):
    for _ in range(rows):
        actions.reveal_reporter(report, reason=REASON, by=officer)

    with django_assert_num_queries(8):  # session, user, two of permissions, count, two of the dates above, rows
        client.get(reverse("admin:requests_app_reporterreveal_changelist"))


@pytest.mark.parametrize("group", ["inspector", "supervisor", "operator", "editor", None])
def test_nobody_else_may_ask(client, report, reporter, group):
    user = StaffFactory(group=group)
    client.force_login(user)

    for response in (client.get(at(report, "reporter")), client.post(at(report, "reporter"), {"reason": REASON})):
        assert response.status_code == 403
        assert traces(response.content.decode(), reporter) == []
    with pytest.raises(PermissionDenied):
        actions.reveal_reporter(report, reason=REASON, by=user)
    assert not ReporterReveal.objects.exists()


def test_the_right_to_see_the_reporter_alone_opens_nothing(client, report):
    user = StaffFactory()
    user.user_permissions.add(Permission.objects.get(codename="see_reporter"))
    client.force_login(user)

    assert client.post(at(report, "reporter"), {"reason": REASON}).status_code == 403
    with pytest.raises(PermissionDenied):
        actions.reveal_reporter(report, reason=REASON, by=user)


def test_consumers_and_strangers_are_led_to_the_login(client, report, reporter):
    for log_in in (lambda: None, lambda: client.force_login(reporter)):
        log_in()
        assert "/login/" in client.post(at(report, "reporter"), {"reason": REASON}).url


def test_the_officer_may_ask_but_not_work(client, report, officer):
    assert client.get(at(report, "change")).status_code == 200
    for page in ("message", "note", "assign"):
        assert client.post(at(report, page), {"body": "Текст"}).status_code == 403


def test_there_is_nothing_to_reveal_in_a_named_report(client, officer):
    named = submitted(SERVICE)

    assert client.get(at(named, "reporter")).status_code == 404
    assert client.post(at(named, "reporter"), {"reason": REASON}).status_code == 404
    with pytest.raises(ValueError, match="not hidden"):
        actions.reveal_reporter(named, reason=REASON, by=officer)


def test_other_methods_are_not_answered(client, report, officer):
    assert client.put(at(report, "reporter")).status_code == 405


def test_a_missing_request_is_404(client, officer):
    assert client.get(reverse("admin:requests_app_servicerequest_reporter", args=[10**9])).status_code == 404


def test_the_log_is_append_only(report, officer):
    actions.reveal_reporter(report, reason=REASON, by=officer)
    reveal = ReporterReveal.objects.get()

    reveal.reason = "Другое основание"
    with pytest.raises(ValidationError):
        reveal.save()
    with pytest.raises(ValidationError):
        reveal.delete()
    with pytest.raises(ValidationError):
        actions.reveal_reporter(report, reason="Надо", by=officer)
    assert ReporterReveal.objects.get().reason == REASON


def test_a_later_profile_does_not_come_into_the_request(report, reporter):
    reporter.consumer.last_name = "Переименованный"
    reporter.consumer.save()

    assert ServiceRequest.objects.get().applicant_name == "Заявитель скрыт"

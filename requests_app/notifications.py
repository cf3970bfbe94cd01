"""
Letters about requests and access. They name the number and the link, never the content: a mailbox is no safe place.

Each is queued inside the transaction of the action, so a request that exists has its letter, and one that was rolled
back has none.
"""

from collections.abc import Mapping

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from requests_app.colleagues import processing_staff
from requests_app.dates import moment_in_words
from requests_app.lifecycle import Actor, Transition
from requests_app.models import AccessGrant, Addressee, Audience, Invoice, Letter, Message, ServiceRequest
from requests_app.services.appointment.models import Appointment
from rsmportal import mail
from rsmportal.russian import counted

_HIDDEN_NEWS = "Новости в личном кабинете"


def request_registered(service_request: ServiceRequest) -> None:
    kind = service_request.kind
    subject = f"Заявка № {service_request.number} {kind.registered_news}"
    _to_applicant(kind.registered_letter, service_request, subject, files=_files(service_request))


def danger_reported(service_request: ServiceRequest) -> None:
    """To all who check such reports, at once: whoever comes first takes it."""
    for colleague in processing_staff(service_request.kind, with_superusers=False):
        _to_colleague("danger_reported", colleague, service_request, "сообщили об опасности")


def status_changed(service_request: ServiceRequest, transition: Transition) -> None:
    """To the consumer, unless the step is a message of their own; to the assignee what the consumer did."""
    if transition.news:
        subject = f"Заявка № {service_request.number}: {transition.news}"
        _to_applicant(transition.letter, service_request, subject, files=_files(service_request), news=transition.news)
    if transition.actor == Actor.CONSUMER:
        _to_assignee(service_request, news=transition.event[:1].lower() + transition.event[1:])


def message_posted(message: Message) -> None:
    """To the consumer when staff wrote, to the assignee when the consumer did. A note for staff goes nowhere."""
    if message.audience == Audience.STAFF:
        return
    service_request = message.service_request
    if message.is_from_staff:
        _to_applicant("new_message", service_request, f"Заявка № {service_request.number}: новое сообщение")
    else:
        _to_assignee(service_request, news="заявитель написал")


def term_extended(service_request: ServiceRequest) -> None:
    """To the consumer: until when, and why, stands in the cabinet."""
    news = "срок ответа продлён"
    _to_applicant("status_changed", service_request, f"Заявка № {service_request.number}: {news}", news=news)


def term_comes(service_request: ServiceRequest, *, news: str) -> None:
    """To the assignee, who must be there."""
    if service_request.assignee:
        _to_colleague("term_reminder", service_request.assignee, service_request, news)


def terms_digest(supervisor: User, counts: Mapping[str, int]) -> None:
    """Figures and links alone. `counts`: late, tomorrow, nobody, low."""
    context = {
        **counts,
        "link": settings.SITE_URL + reverse("admin:requests_app_servicerequest_changelist"),
        "grades_link": settings.SITE_URL + reverse("admin:requests_app_answergrade_changelist"),
    }
    mail.queue("terms_digest", to=supervisor.email, subject="Сроки заявок на сегодня", context=context)


def visit_comes(appointment: Appointment) -> None:
    """The reminder: when and where, what to bring, and whether it can still be cancelled; nothing else."""
    service_request = appointment.service_request
    when = moment_in_words(appointment.starts_at, today=timezone.localdate())
    may_change = timezone.now() < appointment.changeable_until
    subject = f"Заявка № {service_request.number}: напоминаем о приёме"
    _to_applicant("appointment_reminder", service_request, subject, when=when, may_change=may_change)


def access_changed(grant: AccessGrant) -> None:
    """That something was decided, and the link: what, and about which object, stands in the cabinet alone."""
    context = {"link": settings.SITE_URL + grant.get_absolute_url()}
    mail.queue("access_changed", to=grant.user.email, subject="Доступ к объекту: есть решение", context=context)


def invoice_ready(invoice: Invoice, *, to: str) -> None:
    """To an accountant, who has no cabinet: that the invoice is there and who can take it out, nothing else."""
    number = invoice.service_request.number
    # whoever was written down by a colleague has no cabinet, so a link would lead nowhere
    link = settings.SITE_URL + invoice.get_absolute_url() if invoice.service_request.owner_id else ""
    context = {"number": number, "link": link}
    subject = f"Заявка № {number}: счёт выставлен"
    mail.queue("invoice_ready", to=to, subject=subject, context=context)
    _note(invoice.service_request, subject, to=Addressee.ACCOUNTANT)


def invoice_changed(invoice: Invoice, *, news: str) -> None:
    """To the consumer: paid, cancelled."""
    context = {"invoice": invoice, "link": settings.SITE_URL + invoice.get_absolute_url(), "news": news}
    owner = invoice.service_request.owner
    if owner is None:  # whoever has no cabinet is told by hand
        return
    subject = f"Счёт № {invoice.number}: {news}"
    mail.queue("invoice_changed", to=owner.email, subject=subject, context=context)
    _note(invoice.service_request, subject)


def _files(service_request: ServiceRequest) -> Mapping[str, str]:
    return service_request.detail.letter_files()


def _to_applicant(
    template: str,
    service_request: ServiceRequest,
    subject: str,
    *,
    files: Mapping[str, str] | None = None,
    **context: str | bool,
) -> None:
    if service_request.owner is None:
        _to_stranger(service_request, subject)
        return
    if service_request.is_anonymous:
        _to_hidden_reporter(service_request.owner)
        _note(service_request, _HIDDEN_NEWS)
        return
    link = settings.SITE_URL + service_request.get_absolute_url()
    full = {"service_request": service_request, "link": link, **context}
    mail.queue(template, to=service_request.owner.email, subject=subject, context=full, files=files)
    _note(service_request, subject)


def _to_stranger(service_request: ServiceRequest, subject: str) -> None:
    """Who has no cabinet gets the number and our telephone, at the address that was told to a colleague, if any."""
    if service_request.applicant_email:
        context = {"service_request": service_request, "news": subject.partition(service_request.number)[2].strip(" :")}
        mail.queue("stranger_news", to=service_request.applicant_email, subject=subject, context=context)
        _note(service_request, subject)


def _to_hidden_reporter(reporter: User) -> None:
    """Neither number nor link of the request: whoever sees the mailbox or the queue of letters learns nothing."""
    context = {"link": settings.SITE_URL + reverse("requests:list")}
    mail.queue("cabinet_news", to=reporter.email, subject=_HIDDEN_NEWS, context=context)


def _note(service_request: ServiceRequest, subject: str, *, to: Addressee = Addressee.CONSUMER) -> None:
    """Let the page of the request on the desk tell of the letter."""
    Letter.objects.create(service_request=service_request, to=to, subject=subject[:200])


def _to_assignee(service_request: ServiceRequest, *, news: str) -> None:
    """Nothing to who has left, or may not know of such requests any more."""
    assignee = service_request.assignee
    if assignee and assignee.is_active and assignee.has_perm(service_request.kind.view_permission):
        _to_colleague("consumer_wrote", assignee, service_request, news)


def _to_colleague(template: str, colleague: User, service_request: ServiceRequest, news: str) -> None:
    link = settings.SITE_URL + reverse("admin:requests_app_servicerequest_change", args=[service_request.pk])
    subject = f"Заявка № {service_request.number}: {news}"
    context = {"service_request": service_request, "link": link, "news": news}
    mail.queue(template, to=colleague.email, subject=subject, context=context)


def work_handed_over(colleague: User, *, amount: int) -> None:
    """One letter to who receives the work of somebody who is away, however many requests they are."""
    link = settings.SITE_URL + reverse("admin:requests_app_servicerequest_changelist") + "?status=open&assignee=me"
    words = counted(amount, "заявка", "заявки", "заявок")
    context = {"amount": words, "link": link}
    mail.queue("work_handed_over", to=colleague.email, subject=f"Вам переданы заявки: {amount}", context=context)


def given_to_cabinet(service_request: ServiceRequest) -> None:
    """To the consumer in whose cabinet a request has appeared that was told to a colleague."""
    news = "теперь видна в вашем кабинете"
    _to_applicant("status_changed", service_request, f"Заявка № {service_request.number} {news}", news=news)

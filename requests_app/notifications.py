"""
Letters about requests. They name the number and the link, never the content: a mailbox is no safe place.

Each is queued inside the transaction of the action, so a request that exists has its letter, and one that was rolled
back has none.
"""

from django.conf import settings

from accounts.models import User
from requests_app.lifecycle import Status, Transition
from requests_app.models import Message, ServiceRequest
from rsmportal import mail

# What the subject and the first line of the letter say.
_NEWS = {
    Status.IN_PROGRESS: "взята в работу",
    Status.AWAITING_CONSUMER: "ждёт вашего ответа",
    Status.ANSWERED: "ответ готов",
    Status.CLOSED: "завершена",
    Status.REFUSED: "отказано в рассмотрении",
    Status.WITHDRAWN: "отозвана",
}


def request_registered(service_request: ServiceRequest) -> None:
    _to_applicant("request_registered", service_request, f"Заявка № {service_request.number} зарегистрирована")


def status_changed(service_request: ServiceRequest, transition: Transition) -> None:
    news = _NEWS[transition.target]
    _to_applicant("status_changed", service_request, f"Заявка № {service_request.number}: {news}", news=news)


def message_posted(message: Message) -> None:
    """To the consumer when staff wrote, to the assignee when the consumer did; a staff note goes nowhere."""
    service_request = message.service_request
    if message.is_from_staff:
        _to_applicant("new_message", service_request, f"Заявка № {service_request.number}: новое сообщение")
    elif service_request.assignee:
        _to_assignee(service_request, service_request.assignee)


def _to_applicant(template: str, service_request: ServiceRequest, subject: str, **context: str) -> None:
    link = settings.SITE_URL + service_request.get_absolute_url()
    full = {"service_request": service_request, "link": link, **context}
    mail.queue(template, to=service_request.owner.email, subject=subject, context=full)


def _to_assignee(service_request: ServiceRequest, assignee: User) -> None:
    link = f"{settings.SITE_URL}/admin/requests_app/servicerequest/{service_request.pk}/change/"
    subject = f"Заявка № {service_request.number}: заявитель написал"
    context = {"service_request": service_request, "link": link}
    mail.queue("consumer_wrote", to=assignee.email, subject=subject, context=context)

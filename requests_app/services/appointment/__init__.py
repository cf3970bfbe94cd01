"""Appointment at an office: who comes when, and about what."""

from collections.abc import Iterator

from django.utils import timezone

from accounts.models import User
from requests_app.dates import day_in_words
from requests_app.deadlines import DayKind
from requests_app.services.appointment.forms import AppointmentForm
from requests_app.services.appointment.life import VISIT
from requests_app.services.appointment.models import Appointment
from requests_app.services.base import DefaultTerm, Notice, Service
from requests_app.services.topics import Topic


def coming_visits(user: User) -> Iterator[Notice]:
    """«Приём 27 ноября в 10:30», for each that is still to come. One query."""
    coming = Appointment.objects.of(user).coming(now=timezone.now()).select_related("service_request", "office")
    for appointment in coming.order_by("starts_at"):
        local = timezone.localtime(appointment.starts_at)
        day = day_in_words(local.date(), today=timezone.localdate())
        yield Notice(
            title=f"Приём {day} в\N{NO-BREAK SPACE}{local:%-H:%M}",
            text=f"{appointment.get_topic_display()}. {appointment.office.address}.",
            url=appointment.service_request.get_absolute_url(),
            action="Открыть запись",
        )


SERVICE = Service(
    slug="appointment",
    noun="Запись на приём",
    title="Записаться на приём",
    summary="Запись потребителей на прием в офис обслуживания",
    lead="Выберите день и\N{NO-BREAK SPACE}время: подтверждение придёт сразу.",
    icon="appointment",
    form_class=AppointmentForm,
    default_term=DefaultTerm(days=1, day_kind=DayKind.WORKING, legal_basis="Срок, установленный РСМ Энерго"),
    life=VISIT,
    counts_as_appeal=False,
    form_template="requests/appointment/new.html",
    page_template="requests/appointment/_visit.html",
    desk_template="admin/requests_app/appointment/_visit.html",
    registered_letter="appointment_booked",
    registered_news="зарегистрирована: вы записаны на приём",
    notices=coming_visits,
    example={
        "topic": Topic.METERING,
        "visitor": "Самойлов Николай Петрович",
        "phone": "8 (863) 250-31-02",
        "needs": "step_free",
    },
)

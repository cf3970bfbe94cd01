"""The warning that somebody is booked for a time at which an office does not receive any more."""

from django.contrib import messages
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html

from requests_app.services.appointment.offices import Office
from requests_app.services.appointment.schedule import displaced


def warn_of_displaced(request: HttpRequest) -> None:
    """After a change of hours or of the calendar: for each office with such visits a message that leads to them."""
    for office in Office.objects.all():
        if found := displaced(office, now=timezone.now()):
            address = reverse("admin:requests_app_office_displaced", args=[office.pk])
            text = '{}: записей на\N{NO-BREAK SPACE}нерабочее время — {}. <a href="{}">Предупредить посетителей</a>'
            messages.warning(request, format_html(text, office.name, len(found), address))

"""Meter readings: sent by the consumer for a confirmed meter, checked by what the meter has used before."""

from requests_app.deadlines import DayKind
from requests_app.services.base import DefaultTerm, Service
from requests_app.services.meter_readings.form import ReadingsForm
from requests_app.services.meter_readings.life import LIFE
from requests_app.services.meter_readings.notices import notices

__all__ = ["LIFE", "SERVICE", "ReadingsForm"]

SERVICE = Service(
    slug="meter-readings",
    noun="Показания",
    title="Передать показания",
    summary="Прием показаний приборов учета электрической энергии",
    lead="Введите цифры со\N{NO-BREAK SPACE}счётчика. Сразу покажем расход и\N{NO-BREAK SPACE}скажем, за какой месяц их учтём.",
    icon="meter-readings",
    form_class=ReadingsForm,
    life=LIFE,
    counts_as_appeal=False,
    default_term=DefaultTerm(days=5, day_kind=DayKind.WORKING, legal_basis="Срок, установленный РСМ Энерго"),
    form_template="requests/readings/form.html",
    page_template="requests/readings/_sent.html",
    desk_template="admin/requests_app/servicerequest/_readings.html",
    registered_letter="readings_received",
    registered_news="получена",
    notices=notices,
    example={"zone_1": "018646", "taken_on": "2026-01-20"},
)

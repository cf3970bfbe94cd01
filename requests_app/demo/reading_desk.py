"""
What the desk of readings shows beside the meters of `readings`: a factory with eight meters, most of them sent by a table
with one value in question, a control reading that differs from the consumer's, a closed month and an opened one.
"""

import io
import uuid
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from requests_app import actions
from requests_app.access_forms import AccessForm
from requests_app.demo.people import OPERATOR
from requests_app.demo.stories import post
from requests_app.models import Meter, Reading, ReadingPeriod, ReadingSheet, SupplyPoint
from requests_app.reading_windows import MOSCOW, moscow_day, next_month
from requests_app.services.meter_readings.recording import Given, locked_standing, record
from requests_app.services.meter_readings.sheet.form import SheetForm
from requests_app.services.meter_readings.sheet.lines import read_lines
from requests_app.services.meter_readings.sheet.plan import plan_of
from requests_app.services.meter_readings.standing import window_for
from requests_app.tables import Value, csv_chunks

_NAMESPACE = uuid.UUID("5be0e6a4-8f0c-4b53-9c55-2b1d6f3f7a10")
_SUPERVISOR, _COMPANY = "supervisor@example.org", "company@example.org"
_CONTRACT, _ADDRESS = "ТП-2022/31", "г. Ростов-на-Дону, ул. Менжинского, 8, цех № 2"
_SERIALS = [f"08081902{number:02}" for number in range(1, 9)]
_MONTHS = 6
_HEADER = ["Номер счётчика", "Показание", "Пояснение"]


def make_reading_desk() -> None:
    """Create what is missing. No letters go out for it."""
    owner = User.objects.get(email=_COMPANY)
    if Meter.objects.filter(serial=_SERIALS[0]).exists():
        return
    month = window_for(owner.consumer.legal_form, moscow_day(timezone.now())).month
    with transaction.atomic():
        meters = _make_meters(owner)
        for number, meter in enumerate(meters, start=1):
            _fill(meter, owner, month, monthly=Decimal(90 + 35 * number))
        _send_table(owner, meters[:6])
        _read_control(meters[0], month)
        _close(next_month(month, -2))


def _make_meters(owner: User) -> list[Meter]:
    consumer = owner.consumer
    point = SupplyPoint.objects.create(
        contract_number=_CONTRACT,
        address=_ADDRESS,
        consumer_name=consumer.display_name,
        inn=consumer.inn,
        ogrn=consumer.ogrn,
        max_power_kw=400,
    )
    day = timezone.localdate() - timedelta(days=400)
    meters = [
        Meter.objects.create(
            point=point, serial=serial, model="Меркурий 234", ratio=20, digits_after=1, installed_on=day
        )
        for serial in _SERIALS
    ]
    data = {
        "contract_number": _CONTRACT,
        "meter_serial": _SERIALS[0],
        "submission_key": uuid.uuid5(_NAMESPACE, "grant"),
    }
    form = AccessForm(post(data), owner=owner)
    if not form.is_valid():
        raise ValueError(f"Demo access: {form.errors.as_json()}")
    grant = actions.ask_access(form=form, by=owner)
    actions.confirm_access(grant, point=point, by=User.objects.get(email=OPERATOR))
    return meters


def _fill(meter: Meter, owner: User, current: date, *, monthly: Decimal) -> None:
    for back in range(_MONTHS, 0, -1):
        month = next_month(current, -back)
        standing, period = locked_standing(meter, month)
        given = {1: Given(1000 + monthly * (_MONTHS - back))}
        day = next_month(month)
        rows = record(standing, period, given, taken_on=day, by=owner)
        moment = datetime.combine(day, time(12), tzinfo=MOSCOW)
        Reading.objects.filter(pk__in=[row.pk for row in rows]).update(recorded_at=moment, accepted_at=moment)


def _send_table(owner: User, meters: list[Meter]) -> None:
    """As usual, but for the last meter, which has used ten times more."""
    today = moscow_day(timezone.now())
    rows: list[list[Value]] = []
    for meter in meters:
        newest = meter.readings.accepted().latest("taken_on")
        strange = meter == meters[-1]
        moved = ((newest.consumption_kwh or Decimal(2000)) / meter.ratio) * (10 if strange else 1)
        rows.append([meter.serial, newest.value + moved, "верно" if strange else ""])
    content = b"".join(csv_chunks(_HEADER, rows))
    sheet = actions.upload_reading_sheet(SimpleUploadedFile("Цех № 2.csv", content), by=owner)
    window = window_for(owner.consumer.legal_form, today)
    plan = plan_of(read_lines(io.BytesIO(content), user=owner), window=window, today=today)
    data = post({"submission_key": uuid.uuid5(_NAMESPACE, "table")})
    form = SheetForm(data, owner=owner, sheet=ReadingSheet.objects.get(pk=sheet.pk), plan=plan)
    if not form.is_valid():
        raise ValueError(f"Demo table: {form.errors.as_json()}, {plan.problems}")
    actions.send_reading_sheet(form=form, by=owner)


def _read_control(meter: Meter, month: date) -> None:
    given = meter.readings.accepted().get(period__month=month)
    actions.record_control_reading(
        meter=meter,
        values={1: given.value + Decimal("4.5")},
        taken_on=given.taken_on,
        month=month,
        by=User.objects.get(email=OPERATOR),
        reason="Акт контрольного снятия №\N{NO-BREAK SPACE}12",
    )


def _close(month: date) -> None:
    """The month before the last is closed, the one before it was opened again and closed once more."""
    supervisor = User.objects.get(email=_SUPERVISOR)
    for each in (next_month(month, -1), month):
        if ReadingPeriod.objects.filter(month=each).exists():
            actions.close_period(each, by=supervisor)
    actions.reopen_period(
        next_month(month, -1), reason="Поступил акт о\N{NO-BREAK SPACE}замене счётчика", by=supervisor
    )
    actions.close_period(next_month(month, -1), by=supervisor)

"""Scenes of meter readings: a confirmed meter with a past, and what its consumer sends."""

import uuid
from datetime import date
from decimal import Decimal

from django.http import QueryDict
from django.utils import timezone
from django.utils.datastructures import MultiValueDict

from requests_app import actions
from requests_app.models import GrantStatus, Reading, ReadingPeriod, Source
from requests_app.reading_windows import first_of, next_month
from requests_app.services.meter_readings import ReadingsForm
from requests_app.services.meter_readings.unknown import UnknownMeterForm
from tests.factories import AccessGrantFactory, ConsumerFactory, MeterFactory, StaffFactory
from tests.files import picture, upload

NOVEMBER = date(2026, 11, 1)


def confirmed_meter(*, owner=None, **about):
    """A meter at a point to which `owner` (a consumer's user, or a new one's) has confirmed access."""
    meter = MeterFactory(**about)
    AccessGrantFactory(user=owner or ConsumerFactory().user, status=GrantStatus.CONFIRMED, point=meter.point)
    return meter


def owner_of(meter):
    return meter.point.grants.filter(status=GrantStatus.CONFIRMED).earliest("pk").user


def reading(meter, value, *, zone=1, month=NOVEMBER, day=20, **fields):
    """A row made directly, accepted; its use is given by `consumption_kwh` with `previous_value` and `previous_on`."""
    period, _ = ReadingPeriod.objects.get_or_create(month=month)
    now = timezone.now()
    fields = {"state": "accepted", "accepted_at": now, "recorded_by": owner_of(meter), **fields}
    return Reading.objects.create(
        meter=meter, zone=zone, period=period, taken_on=month.replace(day=day), value=value, ratio=meter.ratio, **fields
    )


def past(meter, *, until, monthly=100, months=4, last=NOVEMBER):
    """`months` accepted readings up to the month before `last`, `monthly` apart, the newest of `until`; every zone."""
    for back in range(months, 0, -1):
        month = next_month(first_of(last), -back)
        for zone in range(1, meter.zones + 1):
            value = Decimal(until) - (back - 1) * monthly
            reading(
                meter,
                value,
                zone=zone,
                month=month,
                previous_value=value - monthly,
                previous_on=next_month(month, -1).replace(day=20),
                consumption_kwh=Decimal(monthly) * meter.ratio,
            )


def initial(meter, value, *, on):
    return [
        Reading.objects.create(
            meter=meter,
            zone=zone,
            taken_on=on,
            value=value,
            ratio=meter.ratio,
            source=Source.INITIAL,
            accepted_at=timezone.now(),
            recorded_by=owner_of(meter),
        )
        for zone in range(1, meter.zones + 1)
    ]


def form_for(meter, *values, by=None, files=(), **answers):
    """The form of `meter` as its owner, or `by`, fills it in; not checked yet."""
    data = QueryDict(mutable=True)
    typed = {f"zone_{zone}": value for zone, value in enumerate(values, start=1)}
    defaults = {"submission_key": uuid.uuid4(), "meter": meter.pk, "taken_on": timezone.localdate().isoformat()}
    data.update({**defaults, **typed, **answers})
    return ReadingsForm(data, MultiValueDict({"files": list(files)}), owner=by or owner_of(meter))


def send(meter, *values, by=None, **answers):
    """Sent through the real action; returns the request."""
    form = form_for(meter, *values, by=by, **answers)
    assert form.is_valid(), form.errors.as_json()
    return actions.send_readings(form=form, by=form.owner)


def send_strange(meter, value, answer, *, by=None, **more):
    """A value that is asked about, with its answer and a photo."""
    return send(
        meter, value, by=by, files=[upload("Счётчик.jpg", picture())], asked_1=str(value), answer_1=answer, **more
    )


def send_unknown(*, by, serial="0110 76148", **answers):
    data = QueryDict(mutable=True)
    defaults = {"submission_key": uuid.uuid4(), "typed_serial": serial, "object_address": "ул. Портовая, 71, кв. 18"}
    data.update({**defaults, "zone_1": "18646", "taken_on": timezone.localdate().isoformat(), **answers})
    form = UnknownMeterForm(data, MultiValueDict(), owner=by)
    assert form.is_valid(), form.errors.as_json()
    return actions.send_readings(form=form, by=by)


def operator():
    return StaffFactory(group="operator")


def supervisor():
    return StaffFactory(group="supervisor")

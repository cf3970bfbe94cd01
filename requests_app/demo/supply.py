"""Supply points with their meters, and access to them in every state."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from requests_app import actions
from requests_app.access_forms import AccessForm
from requests_app.demo.people import OPERATOR
from requests_app.demo.stories import drawn_photo, post
from requests_app.models import AccessGrant, Meter, SupplyPoint
from requests_app.supply_keys import address_key, contract_key

_NAMESPACE = uuid.UUID("c0f4b9c8-5d3e-4f0e-9d5c-2b1d6f3f7a10")
_SUPERVISOR = "supervisor@example.org"
_PERSON, _TRADER, _COMPANY = "person@example.org", "sole-trader@example.org", "company@example.org"


@dataclass(frozen=True, kw_only=True)
class Point:
    """A supply point, whose consumer is called as the cabinet of `owner`, and its meters."""

    owner: str
    contract: str
    address: str
    about: Mapping[str, Any]
    meters: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True, kw_only=True)
class Asking:
    """Who asks for what, how long ago, and how it ended: the name of a decision, its text and its point."""

    name: str
    owner: str
    days_ago: int
    contract: str
    serial: str = ""
    address: str = ""
    with_document: bool = False
    ends: tuple[tuple[str, str], ...] = ()


POINTS = (
    Point(
        owner=_PERSON,
        contract="ЭС-118/2024",
        address="г. Ростов-на-Дону, ул. Портовая, 71, кв. 18",
        about={"voltage_level": "low", "tariff_note": "Население, городское", "max_power_kw": 15},
        meters=({"serial": "011076148", "model": "Меркурий 206", "zones": 2, "digits_before": 6, "digits_after": 2},),
    ),
    Point(
        owner=_TRADER,
        contract="ТП-2021/87",
        address="г. Ростов-на-Дону, пр. Шолохова, 130",
        about={"voltage_level": "low", "tariff_note": "Прочие, первая ценовая категория", "max_power_kw": 30},
        meters=({"serial": "7781203", "model": "ЦЭ6803В", "digits_before": 5, "digits_after": 1},),
    ),
    Point(
        owner=_COMPANY,
        contract="ТП-2019/114",
        address="г. Ростов-на-Дону, ул. Менжинского, 4, корпус 3",
        about={"voltage_level": "middle_2", "tariff_note": "Прочие, третья ценовая категория", "max_power_kw": 630},
        meters=(
            {"serial": "0808180117", "model": "СЭТ-4ТМ.03М", "zones": 3, "ratio": 60, "digits_after": 2},
            {"serial": "0808180124", "model": "СЭТ-4ТМ.03М", "zones": 3, "ratio": 60, "is_remote": True},
            {"serial": "23115502", "model": "Меркурий 230", "zones": 2, "ratio": 20, "old": True},
        ),
    ),
    Point(
        owner=_COMPANY,
        contract="ТП-2019/114",
        address="г. Ростов-на-Дону, ул. Менжинского, 6, склад",
        about={"voltage_level": "low", "tariff_note": "Прочие, первая ценовая категория", "max_power_kw": 45},
        meters=({"serial": "23115530", "model": "Меркурий 230", "zones": 2}, {"serial": "4410992", "model": "ЦЭ6803В"}),
    ),
)

ASKINGS = (
    Asking(
        name="person confirmed",
        owner=_PERSON,
        days_ago=60,
        contract="эс-118/2024",
        serial="011076148",
        ends=(("confirm", "Портовая"),),
    ),
    Asking(
        name="trader confirmed",
        owner=_TRADER,
        days_ago=75,
        contract="ТП-2021/87",
        serial="7781203",
        ends=(("confirm", "Шолохова"),),
    ),
    Asking(
        name="company confirmed",
        owner=_COMPANY,
        days_ago=90,
        contract="ТП-2019/114",
        serial="0808180117",
        ends=(("confirm", "корпус 3"),),
    ),
    Asking(
        name="company asked",
        owner=_COMPANY,
        days_ago=1,
        contract="ТП-2019/114",
        address="ул. Менжинского, 6, склад",
        with_document=True,
    ),
    Asking(
        name="person asked",
        owner=_PERSON,
        days_ago=3,
        contract="ЭС-221/2019",
        serial="009121544",
        address="СНТ «Маяк», участок 12",
    ),
    Asking(
        name="person withdrawn",
        owner=_PERSON,
        days_ago=61,
        contract="ЭС-118/2042",
        serial="011076148",
        ends=(("withdraw", ""),),
    ),
    Asking(
        name="trader refused",
        owner=_TRADER,
        days_ago=20,
        contract="ТП-2021/88",
        serial="7781209",
        ends=(
            ("refuse", "Договор с этим номером оформлен на другого потребителя. Приложите договор или доверенность."),
        ),
    ),
    Asking(
        name="trader revoked",
        owner=_TRADER,
        days_ago=200,
        contract="ТП-2019/114",
        serial="23115530",
        ends=(("confirm", "склад"), ("revoke", "Срок доверенности от ООО «Вега» закончился 1 сентября.")),
    ),
)


def make_supply() -> None:
    """Create what is missing. No letters go out for it."""
    for point in POINTS:
        _make_point(point)
    for asking in ASKINGS:
        _ask(asking)


def _make_point(wanted: Point) -> None:
    keys = {"contract_key": contract_key(wanted.contract), "address_key": address_key(wanted.address)}
    if SupplyPoint.objects.filter(**keys).exists():
        return
    consumer = User.objects.get(email=wanted.owner).consumer
    identifiers = {name: getattr(consumer, name) for name in ("inn", "ogrn", "ogrnip", "snils_hash")}
    with transaction.atomic():
        point = SupplyPoint.objects.create(
            contract_number=wanted.contract,
            address=wanted.address,
            consumer_name=consumer.display_name,
            **identifiers,
            **wanted.about,
        )
        for number, meter in enumerate(wanted.meters):
            _make_meter(point, dict(meter), number)


def _make_meter(point: SupplyPoint, about: dict[str, Any], number: int) -> None:
    today = timezone.localdate()
    is_old = about.pop("old", False)
    installed_on = today - timedelta(days=365 * (9 if is_old else 3) + 40 * number)
    Meter.objects.create(
        point=point,
        installed_on=installed_on,
        verified_until=installed_on + timedelta(days=365 * (8 if is_old else 10)),
        **about,
    )


def _ask(asking: Asking) -> None:
    user = User.objects.get(email=asking.owner)
    key = uuid.uuid5(_NAMESPACE, asking.name)
    if AccessGrant.objects.of(user).filter(submission_key=key).exists():
        return
    typed = {"contract_number": asking.contract, "meter_serial": asking.serial, "address": asking.address}
    files = drawn_photo("Договор, первая страница.jpg") if asking.with_document else None
    form = AccessForm(post({**typed, "submission_key": key}), files, owner=user)
    if not form.is_valid():
        raise ValueError(f"Demo asking {asking.name}: {form.errors.as_json()}")
    with transaction.atomic():
        grant = actions.ask_access(form=form, by=user)
        for name, text in asking.ends:
            _end(grant, name, text)
            grant.refresh_from_db()
        _move_into_past(grant, timedelta(days=asking.days_ago))


def _end(grant: AccessGrant, name: str, text: str) -> None:
    operator = User.objects.get(email=OPERATOR)
    if name == "confirm":
        actions.confirm_access(grant, point=SupplyPoint.objects.get(address__contains=text), by=operator)
    elif name == "refuse":
        actions.refuse_access(grant, reason=text, by=operator)
    elif name == "revoke":
        actions.revoke_access(grant, reason=text, by=User.objects.get(email=_SUPERVISOR))
    else:
        actions.withdraw_access(grant, by=grant.user)


def _move_into_past(grant: AccessGrant, age: timedelta) -> None:
    """Asked then, decided a day later, revoked a month after that."""
    grant.asked_at = timezone.now() - age
    if grant.withdrawn_at:
        grant.withdrawn_at = grant.asked_at + timedelta(hours=1)
    if grant.decided_at:
        grant.decided_at = grant.asked_at + timedelta(days=1)
    if grant.revoked_at:
        grant.revoked_at = grant.asked_at + timedelta(days=31)
    grant.save(update_fields=["asked_at", "withdrawn_at", "decided_at", "revoked_at"])

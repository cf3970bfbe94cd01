"""Copies and invoices of the demo consumers: asked for, issued, overdue, paid, cancelled; small PDFs made here."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.utils import timezone
from django.utils.datastructures import MultiValueDict

from accounts.models import User
from requests_app import actions, services
from requests_app.admin.forms import step_form_class
from requests_app.demo.pdf import one_page
from requests_app.demo.people import OPERATOR
from requests_app.demo.stories import move_into_past, post
from requests_app.models import Invoice, IssuedDocument, ServiceRequest, SupplyPoint, VatRate

_NAMESPACE = uuid.UUID("1b6c1f0e-5d3e-4f0e-9d5c-2b1d6f3f7a10")
_SUPERVISOR = "supervisor@example.org"
_PERSON, _TRADER, _COMPANY = "person@example.org", "sole-trader@example.org", "company@example.org"
_PLANT, _SHOP, _HOME = "корпус 3", "Шолохова", "Портовая"
_PAYERS = {
    _PERSON: {},
    _TRADER: {"payer_inn": "500100732259"},
    _COMPANY: {"payer_kpp": "616601001", "payer_address": "344029, г. Ростов-на-Дону, ул. Менжинского, 4"},
}


@dataclass(frozen=True, kw_only=True)
class Paper:
    """Who asked for what, how long ago; what was given out, and what became of it."""

    name: str
    owner: str
    service: str
    days_ago: int
    point: str = ""  # a part of its address
    answers: Mapping[str, Any] = field(default_factory=dict)
    months_back: int | None = None  # the period that is asked about
    proof: str = ""  # name of the document that comes along
    is_taken: bool = True
    files: tuple[str, ...] = ()
    right_note: str = ""
    invoice: Mapping[str, Any] = field(default_factory=dict)  # number, amount, due_in (days after the answer)
    ends: tuple[str, str] = ("", "")


PAPERS = (
    Paper(
        name="copies of the contract",
        owner=_COMPANY,
        service="document-copies",
        days_ago=41,
        point=_PLANT,
        answers={"kind": "transmission_contract", "document_number": "ТП-2019/114"},
        files=("Договор ТП-2019-114.pdf",),
    ),
    Paper(
        name="copies of acts",
        owner=_COMPANY,
        service="document-copies",
        days_ago=20,
        point=_PLANT,
        answers={"kind": "reconciliation"},
        months_back=3,
        files=("Акт сверки.pdf", "Акт сверки, приложение.pdf"),
    ),
    Paper(
        name="copies with a power of attorney",
        owner=_TRADER,
        service="document-copies",
        days_ago=15,
        answers={"kind": "boundary_act", "contract_number": "ТП-2022/31"},
        proof="Доверенность.pdf",
        files=("Акт разграничения.pdf",),
        right_note="Доверенность от 12 октября, сверена с договором ТП-2022/31",
    ),
    Paper(
        name="copies in progress",
        owner=_PERSON,
        service="document-copies",
        days_ago=3,
        answers={"kind": "conditions", "object_address": "СНТ «Маяк», участок 12"},
        proof="Выписка из ЕГРН.pdf",
    ),
    Paper(
        name="copies registered",
        owner=_PERSON,
        service="document-copies",
        days_ago=0,
        point=_HOME,
        answers={"kind": "admission_act", "needs_signature": "on"},
        is_taken=False,
    ),
    Paper(
        name="invoice with a mistake",
        owner=_COMPANY,
        service="invoice",
        days_ago=96,
        point=_PLANT,
        answers={"kind": "transmission"},
        months_back=3,
        invoice={"number": "0955", "amount": "201770.10", "due_in": 40},
        ends=("cancel", "Ошибка в объёме. Выставлен новый счёт."),
    ),
    Paper(
        name="invoice instead",
        owner=_COMPANY,
        service="invoice",
        days_ago=92,
        point=_PLANT,
        answers={"kind": "transmission", "closing": "upd", "amount": "201077.10"},
        months_back=3,
        invoice={"number": "0961", "amount": "201077.10", "due_in": 38},
        ends=("paid", "30"),
    ),
    Paper(
        name="invoice overdue",
        owner=_COMPANY,
        service="invoice",
        days_ago=38,
        point=_PLANT,
        answers={"kind": "transmission", "closing": "upd", "accountant_email": "buh@example.org"},
        months_back=2,
        invoice={"number": "1042", "amount": "184620.40", "due_in": 30},
    ),
    Paper(
        name="invoice to pay",
        owner=_COMPANY,
        service="invoice",
        days_ago=6,
        point=_PLANT,
        answers={"kind": "transmission", "closing": "upd"},
        months_back=1,
        invoice={"number": "1067", "amount": "192318.75", "due_in": 20},
    ),
    Paper(
        name="invoice for a meter",
        owner=_TRADER,
        service="invoice",
        days_ago=28,
        point=_SHOP,
        answers={"kind": "metering"},
        invoice={"number": "0988", "amount": "3540.00", "due_in": 15},
        ends=("paid", "20"),
    ),
    Paper(
        name="invoice for a connection",
        owner=_PERSON,
        service="invoice",
        days_ago=5,
        answers={"kind": "connection", "object_address": "СНТ «Маяк», участок 12"},
        invoice={"number": "1071", "amount": "41250.00", "due_in": 14},
        right_note="Заявка на присоединение, паспорт сверен при подписании договора",
    ),
    Paper(
        name="invoice in progress",
        owner=_TRADER,
        service="invoice",
        days_ago=2,
        point=_SHOP,
        answers={"kind": "transmission", "volume_kwh": "1840"},
        months_back=1,
    ),
)


def make_papers() -> None:
    """Create what is missing, oldest first, so that numbers grow with time. No letters go out for it."""
    for paper in sorted(PAPERS, key=lambda paper: -paper.days_ago):
        _make(paper)


def _make(paper: Paper) -> None:
    owner = User.objects.get(email=paper.owner)
    key = uuid.uuid5(_NAMESPACE, paper.name)
    if ServiceRequest.objects.filter(owner=owner, submission_key=key).exists():
        return
    with transaction.atomic():
        service_request = _ask(paper, owner, key)
        if paper.is_taken:
            actions.transition(service_request, "take", by=_staff(OPERATOR))
            service_request.refresh_from_db()
        if paper.files or paper.invoice:
            _issue(paper, service_request)
        if paper.ends[0]:
            _end(paper, Invoice.objects.get(document__service_request=service_request))
        move_into_past(service_request, timedelta(days=paper.days_ago))
        answered_at = ServiceRequest.objects.get(pk=service_request.pk).answered_at
        if answered_at:
            papers = IssuedDocument.objects.filter(service_request=service_request)
            papers.update(issued_at=answered_at)
            papers.filter(right_checked_at__isnull=False).update(right_checked_at=answered_at)


def _ask(paper: Paper, owner: User, key: uuid.UUID) -> ServiceRequest:
    service = services.get(paper.service)
    answers: dict[str, Any] = {"reply_channel": "cabinet", "submission_key": key}
    if paper.service == "invoice":
        blank = service.form_class(owner=owner)
        payer = {name: asked.initial for name, asked in blank.fields.items() if name.startswith("payer_")}
        answers |= {"closing": "none", **payer, **_PAYERS[paper.owner]}
    if paper.point:
        answers["point"] = SupplyPoint.objects.confirmed_for(owner).get(address__contains=paper.point).pk
    answers |= {**paper.answers, **_period(paper)}
    form = service.form_class(post(answers), _uploads([paper.proof] if paper.proof else []), owner=owner)
    _check(form, paper)
    return actions.submit(service=service, form=form, by=owner)


def _period(paper: Paper) -> dict[str, str]:
    if paper.months_back is None:
        return {}
    month = timezone.localdate().replace(day=1)
    for _ in range(paper.months_back):
        month = (month - timedelta(days=1)).replace(day=1)
    if paper.service == "invoice":
        return {"period": f"{month:%Y-%m}"}
    return {"period_from": f"{month:%Y-%m}", "period_to": f"{timezone.localdate():%Y-%m}"}


def _issue(paper: Paper, service_request: ServiceRequest) -> None:
    step = service_request.kind.life.get("answer")
    operator = _staff(OPERATOR)
    form_class = step_form_class(paper.service, "answer")
    names = paper.files or (f"Счёт {paper.invoice['number']}.pdf",)
    data = {
        "comment": "Документы приложены к этому ответу.",
        "category": service_request.category,
        "right_checked": "on",
        "right_note": paper.right_note,
        **_invoice_answers(paper),
    }
    form = form_class(post(data), _uploads(names), owner=operator, transition=step, service_request=service_request)
    _check(form, paper)
    form.before(service_request, by=operator)
    form.after(actions.transition(service_request, "answer", by=operator, form=form), by=operator)


def _invoice_answers(paper: Paper) -> dict[str, Any]:
    if not paper.invoice:
        return {}
    issued_on = _answered_on(paper)
    return {
        "number": paper.invoice["number"],
        "amount": paper.invoice["amount"],
        "issued_on": issued_on,
        "due_on": issued_on + timedelta(days=paper.invoice["due_in"]),
        "vat_rate": VatRate.objects.get(label="НДС 22 %").pk,
    }


def _answered_on(paper: Paper) -> date:
    """Two days after it was asked for, as `move_into_past` tells it."""
    return min(timezone.localdate() - timedelta(days=paper.days_ago - 2), timezone.localdate())


def _end(paper: Paper, invoice: Invoice) -> None:
    name, text = paper.ends
    if name == "cancel":
        actions.cancel_invoice(invoice, reason=text, by=_staff(_SUPERVISOR))
    else:
        paid_on = min(invoice.issued_on + timedelta(days=int(text)), timezone.localdate())
        actions.mark_paid(invoice, paid_on=paid_on, by=_staff(OPERATOR))


def _check(form: Any, paper: Paper) -> None:
    if not form.is_valid():
        raise ValueError(f"Demo paper {paper.name}: {form.errors.as_json()}")


def _staff(email: str) -> User:
    return User.objects.get(email=email)


def _uploads(names: Any) -> MultiValueDict[str, Any]:
    files = [
        SimpleUploadedFile(name, one_page([name.removesuffix(".pdf"), "Образец для показа портала"]), "application/pdf")
        for name in names
    ]
    return MultiValueDict({"files": files})

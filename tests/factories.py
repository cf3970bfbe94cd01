"""
Makers of test data. Every identifier is made up here, with check digits that are right; every address is example.org.

Who logs in: `ConsumerFactory().user` is a consumer, `StaffFactory(group="operator")` one of the staff, and a bare
`UserFactory()` neither.
"""

import hashlib
import uuid
from datetime import timedelta
from decimal import Decimal

import factory
from django.contrib.auth.models import Group
from django.core.files.base import ContentFile
from django.http import QueryDict
from django.utils import timezone
from django.utils.datastructures import MultiValueDict
from factory.django import DjangoModelFactory, Password

from accounts import consent, identifiers
from accounts.models import ConsentDocument, Consumer, LegalForm, Purpose, User
from requests_app import actions
from requests_app.access_forms import AccessForm
from requests_app.codes import Category, Outcome, RefusalReason
from requests_app.deadlines import DayKind
from requests_app.forms import MessageForm, TransitionForm
from requests_app.lifecycle import APPEAL, FINAL_STATUSES, TRANSITIONS, Status
from requests_app.models import (
    AccessGrant,
    Attachment,
    Audience,
    GrantBasis,
    GrantStatus,
    Invoice,
    InvoiceState,
    IssuedDocument,
    Message,
    MessageKind,
    Meter,
    ServiceRequest,
    SupplyPoint,
)
from requests_app.services import inquiry

PASSWORD = "portal-for-tests-2026"
# By what tests call them: the name that staff read on the desk.
STAFF_GROUPS = {
    "operator": "Оператор",
    "supervisor": "Руководитель",
    "inspector": "Контролёр",
    "editor": "Редактор",
    "dpo": "Ответственный за персональные данные",
}


# -- Accounts -------------------------------------------------------------------------------------------------------


def group_of_staff(name):
    return Group.objects.get(name=STAFF_GROUPS[name])


class UserFactory(DjangoModelFactory):
    class Meta:
        model = User

    email = factory.Sequence(lambda n: f"user{n}@example.org")
    password = Password(PASSWORD)


class StaffFactory(UserFactory):
    """Of the group `group`; without one, of no group."""

    class Meta:
        skip_postgeneration_save = True

    email = factory.Sequence(lambda n: f"staff{n}@example.org")
    name = "Марина Олеговна, оператор"
    is_staff = True

    @factory.post_generation
    def group(self, create, name, **kwargs):
        if name:
            self.groups.add(group_of_staff(name))


class ConsumerFactory(DjangoModelFactory):
    """
    A person, or what `legal_form` says; whatever else is given wins. `agreed=True`: with the agreement in force accepted.
    """

    class Meta:
        model = Consumer
        skip_postgeneration_save = True

    user = factory.SubFactory(UserFactory)
    legal_form = LegalForm.PERSON
    number = factory.Sequence(lambda n: n + 1)

    @classmethod
    def _adjust_kwargs(cls, *, number, **given):
        return _ANSWERS[given["legal_form"]](number) | given

    @factory.post_generation
    def agreed(self, create, value, **kwargs):
        if value:
            accept_agreement(self.user)


def accept_agreement(user):
    """Let `user` accept the texts in force: the policy and the registration consent."""
    documents = consent.documents()
    ids = [documents[purpose].pk for purpose in (Purpose.POLICY, Purpose.REGISTRATION)]
    consent.record(user, consent.Acceptance(document_ids=ids, at=timezone.now(), ip="192.0.2.1", user_agent="tests"))


def publish(purpose, **texts):
    """The next version of a text, in force at once."""
    newest = ConsentDocument.objects.filter(purpose=purpose).latest("version")
    texts = {"title": newest.title, "summary": newest.summary, "text": "Новый текст."} | texts
    return ConsentDocument.objects.create(
        purpose=purpose, version=newest.version + 1, published_at=timezone.now(), **texts
    )


def snils(number):
    first9 = f"{200_000_000 + number}"
    return first9 + identifiers.snils_check_digits(first9)


def ogrnip(number):
    first14 = f"317619{number:08}"
    return first14 + identifiers.ogrnip_check_digit(first14)


def company_inn(number):
    first9 = f"6166{number:05}"
    return first9 + identifiers.company_inn_check_digit(first9)


def ogrn(number):
    first12 = f"1026{number:08}"
    return first12 + identifiers.ogrn_check_digit(first12)


def _person(number):
    names = {"last_name": "Самойлов", "first_name": "Николай", "middle_name": "Петрович"}
    return {**names, "phone": "+79281234567", "snils": snils(number)}


def _sole_trader(number):
    names = {"last_name": "Гринько", "first_name": "Тамара", "middle_name": "Ильинична"}
    return {**names, "phone": "+79287654321", "ogrnip": ogrnip(number)}


def _company(number):
    contacts = {"organisation": "ООО «Вега»", "contact_name": "Ковалёва Ирина Павловна", "phone": "+78632503102"}
    return {**contacts, "inn": company_inn(number), "ogrn": ogrn(number)}


_ANSWERS = {LegalForm.PERSON: _person, LegalForm.SOLE_TRADER: _sole_trader, LegalForm.COMPANY: _company}


# -- Requests -------------------------------------------------------------------------------------------------------


def filled(service, *, owner, files=(), **answers):
    """The service's form as its example fills it in; `answers` win, `submission_key` among them. Not checked yet."""
    from tests.scenes import SCENES  # which build on these factories

    data = QueryDict(mutable=True)
    example = SCENES[service.slug](owner) if service.slug in SCENES else service.example
    for name, answer in {"submission_key": uuid.uuid4(), **example, **answers}.items():
        data.setlist(name, answer if isinstance(answer, list) else [answer])
    return service.form_class(data, MultiValueDict({"files": list(files)}), owner=owner)


def submitted(service, *, owner=None, files=(), **answers):
    """A request that went through the real action."""
    owner = owner or ConsumerFactory().user
    form = filled(service, owner=owner, files=files, **answers)
    assert form.is_valid(), form.errors.as_json()
    return actions.submit(service=service, form=form, by=owner)


def said(body="Приложила акт.", *, by, files=(), key=None, **data):
    """A valid form of a message by `by`."""
    form = MessageForm(_post(body=body, submission_key=key, **data), MultiValueDict({"files": list(files)}), owner=by)
    assert form.is_valid(), form.errors.as_json()
    return form


def step_form(name, *, by, comment="Потому что так.", files=(), key=None, life=APPEAL, **data):
    """A valid form for the step `name`, of another `life` where one is given."""
    data = {"refusal_reason": RefusalReason.NOT_OURS, **data}
    form = TransitionForm(
        _post(comment=comment, submission_key=key, **data),
        MultiValueDict({"files": list(files)}),
        owner=by,
        transition=life.get(name),
    )
    assert form.is_valid(), form.errors.as_json()
    return form


def _post(*, submission_key, **data):
    post = QueryDict(mutable=True)
    post.update({"submission_key": submission_key or uuid.uuid4(), **data})
    return post


def _outcome(row):
    if row.answered_at:
        return Outcome.IN_TIME
    return Outcome.NO_ANSWER if row.status in FINAL_STATUSES else ""


class ServiceRequestFactory(DjangoModelFactory):
    """
    An inquiry in any `status`, its row, detail and history made directly: cheap, no letters. `owner` is a consumer's user.
    """

    class Meta:
        model = ServiceRequest
        skip_postgeneration_save = True

    owner = factory.LazyFunction(lambda: ConsumerFactory().user)
    number = factory.Sequence(lambda n: f"2025-{n + 1:06d}")
    service = inquiry.SERVICE.slug
    subject = "учёт электроэнергии"
    status = Status.REGISTERED
    content_hash = factory.Sequence(lambda n: f"{n:064x}")
    due_on = factory.LazyFunction(lambda: timezone.localdate() + timedelta(days=15))
    term_days = 15
    term_day_kind = DayKind.CALENDAR
    term_basis = "Срок, установленный РСМ Энерго"
    applicant_name = factory.LazyAttribute(lambda row: row.owner.consumer.display_name)
    applicant_legal_form = factory.LazyAttribute(lambda row: row.owner.consumer.legal_form)
    applicant_identifier = factory.LazyAttribute(lambda row: row.owner.consumer.masked_identifier)
    applicant_email = factory.LazyAttribute(lambda row: row.owner.email)
    category = Category.APPEAL_METERING
    answered_at = factory.LazyAttribute(lambda row: _now_if(row.status in (Status.ANSWERED, Status.CLOSED)))
    outcome = factory.LazyAttribute(lambda row: _outcome(row))
    closed_at = factory.LazyAttribute(lambda row: _now_if(row.status in FINAL_STATUSES))
    refusal_reason = factory.LazyAttribute(lambda row: "other" if row.status == Status.REFUSED else "")

    @factory.post_generation
    def detail(self, create, given, **kwargs):
        question = "Какие документы нужны, чтобы заменить счётчик?"
        inquiry.Inquiry.objects.create(service_request=self, topic="metering", question=question)

    @factory.post_generation
    def history(self, create, given, **kwargs):
        self.status_changes.create(to_status=Status.REGISTERED, by=self.owner)
        if self.status != Status.REGISTERED:
            step = next(step for step in TRANSITIONS if step.target == self.status)
            self.status_changes.create(
                transition=step.name, from_status=step.sources[0], to_status=step.target, by=self.owner
            )


class MessageFactory(DjangoModelFactory):
    """What the consumer wrote; `author` may be another."""

    class Meta:
        model = Message

    service_request = factory.SubFactory(ServiceRequestFactory)
    author = factory.SelfAttribute("service_request.owner")
    audience = Audience.CONSUMER
    kind = MessageKind.MESSAGE
    body = "Когда приедет мастер?"


class AttachmentFactory(DjangoModelFactory):
    """A small PDF in the private storage; a draft when `service_request=None, draft_key=…`."""

    class Meta:
        model = Attachment

    class Params:
        data = b"%PDF-1.4 of a test\n%%EOF"

    service_request = factory.SubFactory(ServiceRequestFactory)
    uploader = factory.SelfAttribute("service_request.owner")
    original_name = "Акт допуска.pdf"
    content_type = "application/pdf"
    file = factory.LazyAttribute(lambda attachment: ContentFile(attachment.data, "акт.pdf"))
    size = factory.LazyAttribute(lambda attachment: len(attachment.data))
    sha256 = factory.LazyAttribute(lambda attachment: hashlib.sha256(attachment.data).hexdigest())


# -- Supply points --------------------------------------------------------------------------------------------------


class SupplyPointFactory(DjangoModelFactory):
    """An object of ООО «Вега» without meters."""

    class Meta:
        model = SupplyPoint

    contract_number = factory.Sequence(lambda n: f"ТП-2019/{n + 100}")
    address = factory.Sequence(lambda n: f"г. Ростов-на-Дону, ул. Менжинского, {n + 1}")
    consumer_name = "ООО «Вега»"


class MeterFactory(DjangoModelFactory):
    class Meta:
        model = Meter

    point = factory.SubFactory(SupplyPointFactory)
    serial = factory.Sequence(lambda n: f"01107{n:04}")
    model = "Меркурий 230"


class AccessGrantFactory(DjangoModelFactory):
    """
    Of a consumer, in any `status`, made directly: no letters. `user` is a consumer's user; a confirmed or revoked one
    has a point.
    """

    class Meta:
        model = AccessGrant

    user = factory.LazyFunction(lambda: ConsumerFactory().user)
    status = GrantStatus.ASKED
    basis = GrantBasis.METER
    contract_number = factory.Sequence(lambda n: f"ЭС-{n + 100}/2024")
    meter_serial = factory.Sequence(lambda n: f"00912{n:04}")
    point = factory.LazyAttribute(lambda grant: SupplyPointFactory() if grant.status in _WITH_POINT else None)
    decided_at = factory.LazyAttribute(lambda grant: _now_if(grant.status in [*_WITH_POINT, GrantStatus.REFUSED]))
    decided_by = factory.LazyAttribute(lambda grant: StaffFactory() if grant.decided_at else None)
    reason = factory.LazyAttribute(lambda grant: "Договор не ваш." if grant.status == GrantStatus.REFUSED else "")
    revoked_at = factory.LazyAttribute(lambda grant: _now_if(grant.status == GrantStatus.REVOKED))
    revoked_by = factory.LazyAttribute(lambda grant: StaffFactory() if grant.revoked_at else None)
    revocation_reason = factory.LazyAttribute(lambda grant: "Доверенность закончилась." if grant.revoked_at else "")
    withdrawn_at = factory.LazyAttribute(lambda grant: _now_if(grant.status == GrantStatus.WITHDRAWN))


_WITH_POINT = [GrantStatus.CONFIRMED, GrantStatus.REVOKED]


# -- Papers ---------------------------------------------------------------------------------------------------------


class IssuedDocumentFactory(DjangoModelFactory):
    """
    A file given out to a consumer whose right a colleague has checked; `point=…` rests on the access to it instead.
    `owner=…` says whose it is.
    """

    class Meta:
        model = IssuedDocument

    class Params:
        owner = factory.LazyFunction(lambda: ConsumerFactory().user)

    service_request = factory.LazyAttribute(
        lambda document: ServiceRequestFactory(owner=document.owner, status=Status.ANSWERED)
    )
    attachment = factory.LazyAttribute(
        lambda document: AttachmentFactory(
            service_request=document.service_request,
            message=MessageFactory(service_request=document.service_request, kind=MessageKind.ANSWER),
            uploader=document.issued_by,
        )
    )
    title = "Акт сверки расчётов"
    point = None
    issued_by = factory.SubFactory(StaffFactory)
    right_checked_by = factory.LazyAttribute(lambda document: None if document.point else document.issued_by)
    right_checked_at = factory.LazyAttribute(lambda document: _now_if(not document.point))
    right_note = factory.LazyAttribute(lambda document: "" if document.point else "Доверенность от 12 октября")


class InvoiceFactory(DjangoModelFactory):
    """Issued today, to be paid in two weeks; in any `state`. `owner=…` or `point=…` go to its document."""

    class Meta:
        model = Invoice

    class Params:
        owner = factory.LazyFunction(lambda: ConsumerFactory().user)
        point = None

    document = factory.LazyAttribute(
        lambda invoice: IssuedDocumentFactory(owner=invoice.owner, point=invoice.point, title="Счёт")
    )
    number = factory.Sequence(lambda n: f"{n + 1000}")
    service_name = "Передача электроэнергии"
    contract_number = "ТП-2019/114"
    issued_on = factory.LazyFunction(timezone.localdate)
    due_on = factory.LazyAttribute(lambda invoice: invoice.issued_on + timedelta(days=14))
    amount = Decimal("184620.40")
    vat_percent = Decimal("22.00")
    vat_amount = Decimal("33292.20")
    state = InvoiceState.ISSUED
    paid_on = factory.LazyAttribute(lambda row: timezone.localdate() if row.state == InvoiceState.PAID else None)
    paid_by = factory.LazyAttribute(lambda row: StaffFactory() if row.paid_on else None)
    cancelled_at = factory.LazyAttribute(lambda row: _now_if(row.state == InvoiceState.CANCELLED))
    cancelled_by = factory.LazyAttribute(lambda row: StaffFactory() if row.cancelled_at else None)
    cancel_reason = factory.LazyAttribute(lambda row: "Ошибка в объёме." if row.cancelled_at else "")


def access_form(*, owner, files=(), key=None, **answers):
    """A valid form that asks for access; `answers` win."""
    data = {"contract_number": "ТП-2019/114", "meter_serial": "011076148", **answers}
    form = AccessForm(_post(submission_key=key, **data), MultiValueDict({"files": list(files)}), owner=owner)
    assert form.is_valid(), form.errors.as_json()
    return form


def _now_if(condition):
    return timezone.now() if condition else None

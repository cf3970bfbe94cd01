"""Very many plausible requests, for looking at the portal as it will be after years."""

import random
import uuid
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from itertools import islice

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from requests_app.codes import Category, Outcome, RefusalReason
from requests_app.deadlines import due_date, standard_working_day
from requests_app.demo.people import OPERATOR
from requests_app.lifecycle import FINAL_STATUSES, OPEN_STATUSES, Status
from requests_app.models import NumberSequence, RequestDetail, ServiceRequest, StatusChange
from requests_app.services import complaint, consultation, inquiry
from requests_app.services.base import Service
from requests_app.services.topics import CATEGORY_OF_TOPIC, Topic

BATCH = 5_000
_YEARS = 3
_SEED = 20260101


def make_many(count: int, *, progress: Callable[[int], None]) -> None:
    """Insert `count` requests with their details, spread over three years; `progress` gets how many are there."""
    chance = random.Random(_SEED)  # noqa: S311  demo data, the same each time
    owners = list(User.objects.filter(consumer__isnull=False).select_related("consumer"))
    operator = User.objects.get(email=OPERATOR)
    made = 0
    moments = _moments(count, chance)
    while batch := list(islice(moments, BATCH)):
        with transaction.atomic():
            _insert(batch, owners, operator, chance)
        made += len(batch)
        progress(made)


def _moments(count: int, chance: random.Random) -> Iterator[datetime]:
    """When the requests came in, oldest first, more of them in working hours."""
    now = timezone.now()
    span = timedelta(days=365 * _YEARS)
    for number in range(count):
        noise = timedelta(minutes=chance.randrange(600))
        yield now - span + span * (number / count) - noise


def _insert(moments: list[datetime], owners: list[User], operator: User, chance: random.Random) -> None:
    numbers = _take_numbers([timezone.localdate(moment).year for moment in moments])
    requests = [
        _request(moment, number, chance.choice(owners), operator, chance)
        for moment, number in zip(moments, numbers, strict=True)
    ]
    ServiceRequest.objects.bulk_create(requests)
    for service in (inquiry.SERVICE, consultation.SERVICE, complaint.SERVICE):
        details = [
            _detail(service_request, service) for service_request in requests if service_request.service == service.slug
        ]
        service.detail_model._default_manager.bulk_create(details)
    StatusChange.objects.bulk_create(
        change for service_request in requests for change in _history(service_request, operator)
    )


def _take_numbers(years: list[int]) -> list[str]:
    numbers = []
    for year in sorted(set(years)):
        sequence, _ = NumberSequence.objects.select_for_update().get_or_create(year=year)
        wanted = years.count(year)
        numbers += [f"{year}-{number:06d}" for number in range(sequence.last + 1, sequence.last + wanted + 1)]
        sequence.last += wanted
        sequence.save(update_fields=["last"])
    return numbers


def _request(moment: datetime, number: str, owner: User, operator: User, chance: random.Random) -> ServiceRequest:
    service = chance.choices((inquiry.SERVICE, consultation.SERVICE, complaint.SERVICE), weights=(5, 3, 2))[0]
    topic = chance.choice(list(Topic))
    due_on = _due_on(timezone.localdate(moment), service)
    status = _status(due_on, chance)
    answered = status in (Status.ANSWERED, Status.CLOSED)
    ended_at = moment + timedelta(days=chance.randrange(1, service.default_term.days + 3), hours=chance.randrange(8))
    assignee = operator if status != Status.REGISTERED else None
    return ServiceRequest(
        number=number,
        service=service.slug,
        subject=topic.label[:1].lower() + topic.label[1:],
        owner=owner,
        status=status,
        submission_key=uuid.UUID(int=chance.getrandbits(128)),
        content_hash=f"{chance.getrandbits(256):064x}",
        submitted_at=moment,
        due_on=due_on,
        term_days=service.default_term.days,
        term_day_kind=service.default_term.day_kind,
        term_basis=service.default_term.legal_basis,
        answered_at=ended_at if answered else None,
        closed_at=ended_at if status in FINAL_STATUSES else None,
        assignee=assignee,
        assigned_at=moment + timedelta(hours=4) if assignee else None,
        applicant_name=owner.consumer.display_name,
        applicant_legal_form=owner.consumer.legal_form,
        applicant_identifier=owner.consumer.masked_identifier,
        applicant_email=owner.email,
        category=Category.COMPLAINT_OTHER if service is complaint.SERVICE else CATEGORY_OF_TOPIC[topic],
        outcome=_outcome(status, ended_at, due_on),
        refusal_reason=RefusalReason.NOT_OURS if status == Status.REFUSED else "",
    )


def _due_on(start: date, service: Service) -> date:
    term = service.default_term
    return due_date(start=start, days=term.days, kind=term.day_kind, is_working=standard_working_day)


def _status(due_on: date, chance: random.Random) -> Status:
    """What is older than its term is mostly finished."""
    if due_on >= timezone.localdate() or chance.random() < 0.002:
        return chance.choice([*OPEN_STATUSES, Status.ANSWERED])
    return chance.choices((*FINAL_STATUSES, Status.ANSWERED), weights=(90, 5, 3, 2))[0]


def _outcome(status: Status, ended_at: datetime, due_on: date) -> Outcome | str:
    if status not in (Status.ANSWERED, *FINAL_STATUSES):
        return ""
    if status in (Status.REFUSED, Status.WITHDRAWN):
        return Outcome.NO_ANSWER
    return Outcome.IN_TIME if timezone.localdate(ended_at) <= due_on else Outcome.LATE


def _detail(service_request: ServiceRequest, service: Service) -> RequestDetail:
    if service is complaint.SERVICE:
        circumstances = "Долго не отвечали на письмо."
        return complaint.Complaint(
            service_request=service_request, category=complaint.ComplaintCategory.OTHER, circumstances=circumstances
        )
    model = inquiry.Inquiry if service is inquiry.SERVICE else consultation.Consultation
    question = "Какие документы нужны для замены прибора учёта?"
    return model(service_request=service_request, topic=Topic.METERING, question=question)


# The steps by which a request has come to its status: (transition, status after it).
_PATHS: dict[Status, list[tuple[str, Status]]] = {
    Status.REGISTERED: [],
    Status.IN_PROGRESS: [("take", Status.IN_PROGRESS)],
    Status.AWAITING_CONSUMER: [("take", Status.IN_PROGRESS), ("ask", Status.AWAITING_CONSUMER)],
    Status.ANSWERED: [("take", Status.IN_PROGRESS), ("answer", Status.ANSWERED)],
    Status.CLOSED: [("take", Status.IN_PROGRESS), ("answer", Status.ANSWERED), ("close", Status.CLOSED)],
    Status.REFUSED: [("take", Status.IN_PROGRESS), ("refuse", Status.REFUSED)],
    Status.WITHDRAWN: [("withdraw", Status.WITHDRAWN)],
}


def _history(service_request: ServiceRequest, operator: User) -> Iterator[StatusChange]:
    owner, at = service_request.owner, service_request.submitted_at
    status = Status.REGISTERED
    yield StatusChange(service_request=service_request, to_status=status, by=owner, at=at)
    for hours, (name, target) in enumerate(_PATHS[Status(service_request.status)], start=1):
        yield StatusChange(
            service_request=service_request,
            transition=name,
            from_status=status,
            to_status=target,
            by=owner if name == "withdraw" else operator,
            at=at + timedelta(hours=hours),
        )
        status = target

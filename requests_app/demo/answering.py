"""Answers half written: a draft of the operator's, one of the supervisor's. And letters at the time of what they tell."""

from django.http import QueryDict
from django.utils import timezone

from accounts.models import User
from requests_app.demo.people import CONSUMERS, OPERATOR, SUPERVISOR
from requests_app.lifecycle import Status
from requests_app.models import AnswerDraft, ServiceRequest

_TEXTS = (
    (OPERATOR, "answer", "Здравствуйте! Мы проверили щиток у опоры во дворе. Замок заменят"),
    (SUPERVISOR, "message", "Здравствуйте! Уточните, пожалуйста, в какие часы можно попасть во двор"),
)


def make_drafts() -> None:
    """On the newest complaint that somebody works on; drafts that are there already stay."""
    service_request = ServiceRequest.objects.filter(service="complaint", status=Status.IN_PROGRESS).first()
    if service_request is None:
        return
    for email, form, text in _TEXTS:
        typed = QueryDict(mutable=True)
        typed["comment" if form == "answer" else "body"] = text
        AnswerDraft.objects.get_or_create(
            service_request=service_request,
            author=User.objects.get(email=email),
            form=form,
            defaults={"answers": typed.urlencode()},
        )


def move_letters() -> None:
    """The stories are moved into the past after they were told; their letters follow the steps that they tell of."""
    requests = ServiceRequest.objects.filter(owner__email__in=CONSUMERS, submitted_at__date__lt=timezone.localdate())
    for service_request in requests.prefetch_related("letters", "status_changes"):
        steps = {step.name for step in service_request.kind.life.transitions if step.news} | {""}
        told = [change.at for change in service_request.status_changes.all() if change.transition in steps]
        for number, letter in enumerate(service_request.letters.all()):
            letter.at = told[min(number, len(told) - 1)]
            letter.save(update_fields=["at"])

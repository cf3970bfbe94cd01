"""The cabinet's first page and the choice of a service."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.http import ConsumerRequest, consumer_required
from requests_app import services
from requests_app.models import ServiceRequest
from requests_app.services.base import Service
from requests_app.views.tracking import with_summaries

LATEST = 5


@require_safe
@consumer_required
def cabinet(request: ConsumerRequest) -> HttpResponse:
    mine = ServiceRequest.objects.owned_by(request.user)
    # "-status": questions before answers; one more than is shown, to know whether there are others
    waiting = mine.waiting_for_consumer().order_by("-status", "due_on", "pk")
    asking = list(with_summaries(waiting[: LATEST + 1]))
    allowed = _allowed(request)
    context = {
        "consumer": request.user.consumer,
        "waiting": asking[:LATEST],
        "more_are_waiting": len(asking) > LATEST,
        "latest": list(with_summaries(mine.newest_first()[:LATEST])),
        "services": allowed,
        "notices": [notice for service in allowed for notice in service.notices(request.user)],
    }
    return render(request, "requests/cabinet.html", context)


@require_safe
@consumer_required
def new(request: ConsumerRequest) -> HttpResponse:
    return render(request, "requests/new.html", {"services": _allowed(request)})


def _allowed(request: ConsumerRequest) -> list[Service]:
    legal_form = request.user.consumer.legal_form
    return [service for service in services.SERVICES if legal_form in service.allowed_for]

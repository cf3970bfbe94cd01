"""The cabinet's first page and the choice of a service."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from accounts.http import ConsumerRequest, consumer_required
from requests_app import services
from requests_app.lifecycle import Status
from requests_app.models import ServiceRequest

LATEST = 5


@consumer_required
def cabinet(request: ConsumerRequest) -> HttpResponse:
    mine = ServiceRequest.objects.owned_by(request.user)
    waiting = mine.filter(status__in=[Status.ANSWERED, Status.AWAITING_CONSUMER]).newest_first()[:LATEST]
    context = {
        "consumer": request.user.consumer,
        "waiting": waiting,
        "latest": mine.newest_first()[:LATEST],
        "services": _allowed(request),
        "today": timezone.localdate(),
    }
    return render(request, "requests/cabinet.html", context)


@consumer_required
def new(request: ConsumerRequest) -> HttpResponse:
    return render(request, "requests/new.html", {"services": _allowed(request)})


def _allowed(request: ConsumerRequest) -> list[Any]:
    legal_form = request.user.consumer.legal_form
    return [service for service in services.SERVICES if legal_form in service.allowed_for]

"""What a consumer does with a request: write, withdraw, accept or dispute the answer."""

from functools import partial

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from accounts.http import ConsumerRequest, consumer_required
from requests_app import actions, unsent
from requests_app.forms import MessageForm, TransitionForm
from requests_app.lifecycle import Actor, Transition
from requests_app.models import ServiceRequest
from requests_app.views.tracking import detail_page, own_request


@require_http_methods(["GET", "HEAD", "POST"])
@consumer_required
def message(request: ConsumerRequest, number: str) -> HttpResponse:
    service_request = own_request(request, number)
    if request.method != "POST":  # the address of a refused message, opened again
        return redirect(service_request)
    photos_only = service_request.takes_photos_only
    form = MessageForm(request.POST, request.FILES, owner=request.user, photos_only=photos_only)
    with actions.refusals_in(form, service_request):
        if form.is_valid():
            actions.post_message(service_request, form=form, by=request.user)
            messages.success(request, "Сообщение отправлено.")
            return redirect(service_request)
    actions.keep_files(form=form, by=request.user)
    return detail_page(request, service_request, form)


@require_http_methods(["GET", "HEAD", "POST"])
@consumer_required
def transition(request: ConsumerRequest, number: str, name: str) -> HttpResponse:
    service_request = own_request(request, number)
    step = _own_step(service_request, name)
    form = partial(TransitionForm, owner=request.user, transition=step, photos_only=service_request.takes_photos_only)
    if request.method != "POST":
        return _transition_page(request, service_request, step, form(unsent.take(request)))
    return _take(request, service_request, step, form(request.POST, request.FILES))


def _take(
    request: ConsumerRequest, service_request: ServiceRequest, step: Transition, form: TransitionForm
) -> HttpResponse:
    with actions.refusals_in(form, service_request):
        if form.is_valid():
            actions.transition(service_request, step.name, by=request.user, form=form)
            messages.success(request, step.done)
            return redirect(service_request)
    actions.keep_files(form=form, by=request.user)
    return _transition_page(request, service_request, step, form)


def _own_step(service_request: ServiceRequest, name: str) -> Transition:
    """
    The consumer's step `name`. Raises Http404 for another's and for one without a page: a question is answered by a
    message.
    """
    steps = service_request.kind.life.transitions
    found = next((step for step in steps if step.name == name and step.actor == Actor.CONSUMER and step.done), None)
    if found is None:
        raise Http404
    return found


def _transition_page(
    request: ConsumerRequest, service_request: ServiceRequest, step: Transition, form: TransitionForm
) -> HttpResponse:
    is_allowed = step in actions.available_transitions(service_request, by=request.user)
    context = {
        "service_request": service_request,
        "transition": step,
        "form": form,
        "mark": unsent.mark(request.user),
        "is_allowed": is_allowed,
        "dispute_until": actions.dispute_until(service_request) if is_allowed and step.name == "dispute" else None,
    }
    return render(request, "requests/transition.html", context)

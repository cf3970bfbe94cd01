"""What a consumer does with a request: write, withdraw, accept or dispute the answer."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from accounts.http import ConsumerRequest, consumer_required
from requests_app import actions
from requests_app.forms import MessageForm, TransitionForm
from requests_app.lifecycle import get_transition
from requests_app.models import ServiceRequest
from requests_app.views.tracking import detail_page

_DONE = {
    "withdraw": "Заявка отозвана.",
    "accept": "Заявка закрыта. Спасибо, что сообщили.",
    "dispute": "Заявка снова в работе. Мы рассмотрим ваши доводы.",
}


@require_POST
@consumer_required
def message(request: ConsumerRequest, number: str) -> HttpResponse:
    service_request = get_object_or_404(ServiceRequest.objects.owned_by(request.user), number=number)
    form = MessageForm(request.POST, request.FILES, owner=request.user)
    if form.is_valid():
        try:
            actions.post_message(service_request, form=form, by=request.user)
        except actions.TransitionNotAllowed as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "Сообщение отправлено.")
            return redirect(service_request)
    actions.keep_files(form=form, by=request.user)
    return detail_page(request, service_request, form)


@consumer_required
def transition(request: ConsumerRequest, number: str, name: str) -> HttpResponse:
    service_request = get_object_or_404(ServiceRequest.objects.owned_by(request.user), number=number)
    if name not in _DONE:
        raise Http404
    step = get_transition(name)
    data = request.POST if request.method == "POST" else None
    form = TransitionForm(data, request.FILES or None, owner=request.user, transition=step)
    if form.is_valid():
        try:
            actions.transition(service_request, name, by=request.user, form=form)
        except actions.TransitionNotAllowed as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _DONE[name])
            return redirect(service_request)
    elif form.is_bound:
        actions.keep_files(form=form, by=request.user)
    allowed = step in actions.available_transitions(service_request, by=request.user)
    context = {"service_request": service_request, "transition": step, "form": form, "allowed": allowed}
    return render(request, "requests/transition.html", context)

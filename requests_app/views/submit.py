"""The form of a service."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from accounts.http import ConsumerRequest, consumer_required
from requests_app import actions, services
from requests_app.models import ServiceTerm
from requests_app.services.base import Service, ServiceForm


@consumer_required
def submit(request: ConsumerRequest, slug: str) -> HttpResponse:
    service = services.get_or_404(slug)
    if request.user.consumer.legal_form not in service.allowed_for:
        raise Http404
    data = request.POST if request.method == "POST" else None
    form = service.form_class(data, request.FILES or None, owner=request.user)
    if form.is_valid():
        try:
            sent = actions.submit(service=service, form=form, by=request.user)
        except actions.AlreadySent as earlier:
            return _ask_again(request, service, form, earlier)
        messages.success(request, f"Заявка № {sent.number} отправлена. Письмо с номером придёт на {request.user.email}.")
        return redirect(sent)
    if form.is_bound:
        actions.keep_files(form=form, by=request.user)
    return _page(request, service, form)


def _ask_again(
    request: ConsumerRequest, service: Service, form: ServiceForm, earlier: actions.AlreadySent
) -> HttpResponse:
    """The page was sent before with another text: keep the new text and let the consumer say that it is a new one."""
    form.renew_key()
    actions.keep_files(form=form, by=request.user)
    return _page(request, service, form, sent_earlier=earlier.service_request)


def _page(request: ConsumerRequest, service: Service, form: ServiceForm, **context: object) -> HttpResponse:
    term = ServiceTerm.objects.current(on=timezone.localdate()).filter(service=service.slug).first()
    full = {"service": service, "form": form, "term": term or service.default_term, **context}
    return render(request, "requests/submit.html", full)

"""The form of a service."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.http import ConsumerRequest, consumer_required
from requests_app import actions, services, terms, unsent
from requests_app.dates import term_in_words
from requests_app.services.base import Service, ServiceForm


@require_http_methods(["GET", "HEAD", "POST"])
@consumer_required
def submit(request: ConsumerRequest, slug: str) -> HttpResponse:
    service = services.get_or_404(slug)
    if request.user.consumer.legal_form not in service.allowed_for:
        raise Http404
    if request.method == "POST":
        return _register(request, service)
    return page(request, service, service.form_class(unsent.take(request), owner=request.user))


def _register(request: ConsumerRequest, service: Service) -> HttpResponse:
    form = service.form_class(request.POST, request.FILES, owner=request.user)
    with actions.refusals_in(form):
        if form.is_valid():
            try:
                sent = actions.submit(service=service, form=form, by=request.user)
            except actions.AlreadySent as earlier:
                return _ask_again(request, service, form, earlier)
            messages.success(request, f"Заявка № {sent.number} отправлена. Письмо придёт на {request.user.email}.")
            return redirect(sent)
    actions.keep_files(form=form, by=request.user)
    return page(request, service, form)


def _ask_again(
    request: ConsumerRequest, service: Service, form: ServiceForm, earlier: actions.AlreadySent
) -> HttpResponse:
    """The page was sent before with another text: keep the new text and let the consumer say that it is a new one."""
    form.renew_key()
    actions.keep_files(form=form, by=request.user)
    return page(request, service, form, sent_earlier=earlier.service_request)


def page(request: ConsumerRequest, service: Service, form: ServiceForm, **context: object) -> HttpResponse:
    """The page of the form as it is: empty, or refused with what was typed."""
    term = terms.current(service, on=timezone.localdate())
    full = {
        "service": service,
        "form": form,
        "mark": unsent.mark(request.user),
        "term": term,
        "term_in_words": term_in_words(term.days, term.day_kind),
        "due_on": terms.due_on(term.days, term.day_kind),
        **context,
    }
    return render(request, service.form_template, full)

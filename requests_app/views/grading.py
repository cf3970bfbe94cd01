"""The consumer says how good an answer was."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from accounts.http import ConsumerRequest, consumer_required
from requests_app import actions
from requests_app.forms import MessageForm
from requests_app.grade_forms import GradeForm
from requests_app.views.tracking import detail_page, own_request


@require_http_methods(["GET", "HEAD", "POST"])
@consumer_required
def grade(request: ConsumerRequest, number: str) -> HttpResponse:
    service_request = own_request(request, number)
    if not service_request.kind.life.promises_answer:
        raise Http404
    if request.method != "POST":  # the address of a refused grade, opened again; a link grades nothing
        return redirect(service_request)
    form = GradeForm(request.POST)
    with actions.refusals_in(form, service_request):
        if form.is_valid():
            actions.grade_answer(service_request, by=request.user, **form.values())
            messages.success(request, "Спасибо, оценка сохранена.")
            return redirect(service_request)
    letter = MessageForm(owner=request.user, photos_only=service_request.takes_photos_only)
    return detail_page(request, service_request, letter, grade_form=form)

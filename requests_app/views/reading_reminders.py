"""The switch of the reminders: in the profile, and behind the link of the letter."""

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from accounts.http import ConsumerRequest, consumer_required
from requests_app import actions
from requests_app.reminders.readings import user_of_refusal

_ON, _OFF = (
    "Будем напоминать о\N{NO-BREAK SPACE}показаниях.",
    "Больше не\N{NO-BREAK SPACE}будем напоминать о\N{NO-BREAK SPACE}показаниях.",
)


@consumer_required
@require_POST
def switch(request: ConsumerRequest) -> HttpResponse:
    wanted = request.POST.get("wanted") == "1"
    actions.set_reading_reminders(request.user, wanted=wanted)
    messages.success(request, _ON if wanted else _OFF)
    return redirect("accounts:profile")


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def off(request: HttpRequest, token: str) -> HttpResponse:
    """Opening the link changes nothing: mail scanners open links. The button does."""
    user = user_of_refusal(token)
    is_done = user is not None and request.method == "POST"
    if user and is_done:
        actions.set_reading_reminders(user, wanted=False)
    context = {"is_known": user is not None, "is_done": is_done}
    return render(request, "requests/readings/reminders_off.html", context, status=200 if user else 404)

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from accounts import actions, consent, legal_forms
from accounts.forms import ProfileForm
from accounts.http import ConsumerRequest, consumer_required
from accounts.limits import CONFIRMATIONS_OF_ADDRESS
from accounts.models import Consumer, Purpose


@consumer_required
@require_http_methods(["GET", "HEAD", "POST"])
def profile(request: ConsumerRequest) -> HttpResponse:
    # fetched anew: a form that is refused must not change the name in the header
    consumer = Consumer.objects.get(pk=request.user.pk)
    kind = legal_forms.get(consumer.legal_form)
    form = ProfileForm(request.POST or None, instance=consumer, allowed=kind.profile_fields)
    if form.is_valid():
        form.save()
        messages.success(request, "Профиль сохранён.")
        return redirect("accounts:profile")
    context = {"form": form, "consumer": request.user.consumer, "consents": consent.states(request.user)}
    return render(request, "accounts/profile.html", context)


@consumer_required
@require_POST
def set_consent(request: ConsumerRequest, purpose: str) -> HttpResponse:
    """Give or withdraw one consent; without the registration consent the cabinet asks for it before anything else."""
    given = request.POST.get("given") == "1"
    consent.set_purpose(request, request.user, Purpose(purpose), given=given)
    if consent.is_due(request.user):
        request.session[consent.DUE_KEY] = True  # the agreement page says the rest
    else:
        messages.success(request, "Согласие дано." if given else "Согласие отозвано.")
    return redirect("accounts:profile")


# -- E-mail confirmation --------------------------------------------------------------------------------------------


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def confirm_email(request: HttpRequest, token: str) -> HttpResponse:
    """Opening the link changes nothing: mail scanners open links. The button confirms."""
    user = actions.user_to_confirm(token)
    if user and request.method == "POST":
        actions.confirm_email(user)
        messages.success(request, "Адрес подтверждён.")
        return redirect("requests:cabinet" if request.user.is_authenticated else "home")
    return render(request, "accounts/confirm_email.html", {"address": user and user.email}, status=200 if user else 404)


@consumer_required
@require_POST
def resend_confirmation(request: ConsumerRequest) -> HttpResponse:
    if request.user.email_confirmed_at:
        messages.info(request, "Адрес уже подтверждён.")
    elif CONFIRMATIONS_OF_ADDRESS.hit(request.user.email):
        actions.send_confirmation(request.user)
        messages.success(request, "Письмо отправлено. Если его нет через несколько минут, проверьте папку «Спам».")
    else:
        messages.warning(
            request, "За последний час мы отправили уже пять писем. Проверьте папку «Спам» или подождите час."
        )
    return redirect("accounts:profile")

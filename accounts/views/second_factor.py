"""The second step of the login of staff, the page where they look after it, and how a device is connected."""

from __future__ import annotations

import math
from typing import Any

from django.contrib import admin, messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from accounts import actions
from accounts import second_factor as factors
from accounts.forms import CodeForm, FirstCodeForm, PasswordAndCodeForm
from accounts.http import StaffRequest, staff_required
from accounts.models import SecondFactor
from rsmportal import qr
from rsmportal.russian import counted

methods = require_http_methods(["GET", "HEAD", "POST"])


@sensitive_post_parameters()
@methods
@staff_required
def second_factor(request: StaffRequest) -> HttpResponse:
    """After the password: a code. Who has no device yet is led on to connect one."""
    factor = factors.of(request.user)
    if factors.has_passed(request):
        return redirect(_wanted(request))
    if factor is None:
        return redirect(f"{reverse('accounts:second_factor_device')}?{urlencode({'next': _wanted(request)})}")
    form = CodeForm(request.POST or None)
    if form.is_valid() and _is_taken(request, factor, form):
        factors.remember(request, factor)
        return redirect(_wanted(request))
    return _page(request, "admin/second_factor/second_factor.html", "Второй шаг входа", form=form)


@sensitive_post_parameters()
@methods
@staff_required
def device(request: StaffRequest) -> HttpResponse:
    """
    Connect an application: the first one, or another in the place of the old.

    The recovery codes are the answer to the form itself: they are kept nowhere from which a page could read them again.
    """
    if not factors.may_connect(request):
        return redirect("accounts:security" if factors.has_passed(request) else "accounts:second_factor")
    before, secret = factors.of(request.user), factors.secret_to_connect(request)
    form = FirstCodeForm(request.POST or None)
    step = factors.matching_step(secret, form.cleaned_data["code"]) if form.is_valid() else None
    if step is not None:
        return _connected(request, secret, step, before)
    if form.is_bound and form.is_valid():
        form.refuse()
    code = qr.draw(factors.address_of(secret, request.user))
    title = "Подключите приложение с кодами"
    return _page(
        request, "device", title, form=form, code=code, secret=factors.grouped(secret), is_first=before is None
    )


@sensitive_post_parameters()
@methods
@staff_required
def security(request: StaffRequest) -> HttpResponse:
    """«Безопасность входа»: new recovery codes, another device. The password and a code are asked for once more."""
    factor = factors.of(request.user)
    if factor is None:
        return _page(request, "admin/second_factor/security.html", "Безопасность входа", left=None)
    form = PasswordAndCodeForm(request.POST or None)
    if form.is_valid() and _is_confirmed(request, factor, form):
        if "replace" in request.POST:
            factors.allow_replacing(request)
            return redirect("accounts:second_factor_device")
        return _codes(request, actions.renew_recovery_codes(factor))
    left = factors.recovery_codes_left(factor)
    return _page(
        request, "admin/second_factor/security.html", "Безопасность входа", form=form, factor=factor, left=left
    )


def _connected(request: StaffRequest, secret: str, step: int, before: SecondFactor | None) -> HttpResponse:
    try:
        codes = actions.connect_device(request.user, secret=secret, step=step, instead_of=before)
    except actions.AlreadyConnected:
        messages.warning(
            request, "Приложение уже подключено в\N{NO-BREAK SPACE}другом окне. Введите код из\N{NO-BREAK SPACE}него."
        )
        return redirect("accounts:second_factor")
    factors.remember(request, SecondFactor.objects.get(user=request.user))
    return _codes(request, codes)


def _is_taken(request: StaffRequest, factor: SecondFactor, form: CodeForm) -> bool:
    """Is the code right, and used up now? If not, the form says so."""
    return _is_let_try(request, form) and _fits(factor, form)


def _is_confirmed(request: StaffRequest, factor: SecondFactor, form: PasswordAndCodeForm) -> bool:
    """Are both right? A wrong password leaves the code unused."""
    if not _is_let_try(request, form):
        return False
    if not request.user.check_password(form.cleaned_data["password"]):
        form.add_error("password", "Пароль не\N{NO-BREAK SPACE}подходит. Проверьте раскладку клавиатуры.")
        return False
    return _fits(factor, form)


def _is_let_try(request: StaffRequest, form: CodeForm) -> bool:
    try:
        factors.count_try(request.user)
    except factors.TooManyTries as error:
        wait = counted(math.ceil(error.left.total_seconds() / 60), "минуту", "минуты", "минут")
        form.add_error(None, f"Слишком много попыток. Попробуйте через\N{NO-BREAK SPACE}{wait}.")
        return False
    return True


def _fits(factor: SecondFactor, form: CodeForm) -> bool:
    is_right = factors.use(factor, form.cleaned_data["code"])
    if not is_right:
        form.refuse()
    return is_right


def _wanted(request: StaffRequest) -> str:
    """Where the colleague was going before the second step; never to another site."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    is_ours = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if is_ours else reverse("admin:index")


def _codes(request: StaffRequest, codes: list[str]) -> HttpResponse:
    return _page(request, "admin/second_factor/codes.html", "Коды восстановления", codes=codes)


def _page(request: StaffRequest, template: str, title: str, **context: Any) -> HttpResponse:
    """A page of the desk; before the second step without its menu."""
    bare = {"site_header": admin.site.site_header, "site_title": admin.site.site_title}
    frame = bare if factors.is_wanted(request) else admin.site.each_context(request)
    shown = {**frame, "title": title, "next": _wanted(request), **context}
    return render(request, template, shown)

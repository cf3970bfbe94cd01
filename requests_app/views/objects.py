"""«Мои объекты»: the supply points that a consumer has access to, or has asked for."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from accounts.http import ConsumerRequest, consumer_required
from requests_app import actions, unsent
from requests_app.access_forms import AccessForm
from requests_app.models import AccessGrant, GrantStatus, Meter, ZoneLabel

SENT = "Данные отправлены на\N{NO-BREAK SPACE}проверку."
KNOWN = "Этот объект уже подтверждён. Если нужен другой, укажите номер его счётчика или адрес."
NOT_STORED = "Файлы сейчас не\N{NO-BREAK SPACE}сохраняются. Попробуйте ещё раз позже."


@require_safe
@consumer_required
def object_list(request: ConsumerRequest) -> HttpResponse:
    grants = AccessGrant.objects.of(request.user).exclude(status=GrantStatus.WITHDRAWN).with_meter_count()
    return render(request, "requests/objects.html", {"grants": grants.select_related("point")})


@require_http_methods(["GET", "HEAD", "POST"])
@consumer_required
def object_new(request: ConsumerRequest) -> HttpResponse:
    if request.method != "POST":
        return _new_page(request, AccessForm(unsent.take(request), owner=request.user))
    form = AccessForm(request.POST, request.FILES, owner=request.user)
    if form.is_valid():
        try:
            grant = actions.ask_access(form=form, by=request.user)
        except actions.AccessNotChanged as refusal:
            form.add_error(None, str(refusal))
        except actions.FilesNotStored:
            form.add_error("files", NOT_STORED)
        else:
            messages.success(request, KNOWN if grant.is_confirmed else SENT)
            return redirect(grant)
    actions.keep_files(form=form, by=request.user)
    return _new_page(request, form)


@require_safe
@consumer_required
def object_detail(request: ConsumerRequest, pk: int) -> HttpResponse:
    grant = _own_grant(request, pk)
    context: dict[str, Any] = {"grant": grant, "files": grant.attachments.visible_to(request.user)}
    if grant.known_point:
        meters = list(grant.known_point.meters.all())
        context |= {"point": grant.known_point, "meters": _with_labels(meters), "today": timezone.localdate()}
    return render(request, "requests/object.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@consumer_required
def object_withdraw(request: ConsumerRequest, pk: int) -> HttpResponse:
    grant = _own_grant(request, pk)
    refusal = ""
    if request.method == "POST":
        try:
            actions.withdraw_access(grant, by=request.user)
        except actions.AccessNotChanged as refused:
            refusal = str(refused)
            grant.refresh_from_db()
        else:
            messages.success(request, "Просьба отозвана.")
            return redirect("requests:objects")
    is_possible = grant.status == GrantStatus.ASKED
    return render(
        request, "requests/object_withdraw.html", {"grant": grant, "is_possible": is_possible, "refusal": refusal}
    )


def _own_grant(request: ConsumerRequest, pk: int) -> AccessGrant:
    """The consumer's own grant. Raises Http404 for another's: that there is such a number is nobody's business."""
    return get_object_or_404(AccessGrant.objects.of(request.user).select_related("point"), pk=pk)


def _with_labels(meters: list[Meter]) -> list[tuple[Meter, list[ZoneLabel]]]:
    labels = ZoneLabel.objects.by_zones()
    return [(meter, labels.get(meter.zones, [])) for meter in meters]


def _new_page(request: ConsumerRequest, form: AccessForm) -> HttpResponse:
    return render(request, "requests/object_new.html", {"form": form, "mark": unsent.mark(request.user)})

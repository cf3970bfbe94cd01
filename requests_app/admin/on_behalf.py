"""Appeals written down for somebody: who it is, which service, its form; and the way into a cabinet later."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import Consumer, LegalForm, User
from requests_app import actions, services, unsent
from requests_app.admin.base import StaffRequest
from requests_app.admin.consumer_search import HELP_TEXT, MOST_FOUND, find_consumers
from requests_app.admin.reception_forms import BothForms, ConsumerForm, LinkForm, ReceptionForm, StrangerForm
from requests_app.admin.steps import Page, StepPages, sent
from requests_app.codes import AppealForm
from requests_app.colleagues import PROCESS_REQUESTS
from requests_app.models import ServiceRequest
from requests_app.services import appointment
from requests_app.services.base import Service, ServiceForm

SEE_CONSUMERS = "accounts.view_consumer"


class OnBehalfPages(StepPages):
    """`…/register/` finds the applicant and offers the services, `…/register/<service>/` is the form."""

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        any_method = require_http_methods(["GET", "HEAD", "POST"])
        own = [
            path("register/", wrap(require_safe(self.register_page)), name="requests_app_servicerequest_register"),
            path(
                "register/<slug:slug>/",
                wrap(any_method(self.register_form)),
                name="requests_app_servicerequest_registerform",
            ),
            path("<int:pk>/link/", wrap(any_method(self.link_page)), name="requests_app_servicerequest_link"),
        ]
        return [*own, *super().get_urls()]

    def register_page(self, request: StaffRequest) -> HttpResponse:
        _check_may_register(request.user)
        term = request.GET.get("q", "").strip()
        visit = _visit(request)
        owner = visit.owner if visit else _owner(request)
        context: dict[str, Any] = {
            **self._frame(request, "Записать обращение"),
            "term": term,
            "help_text": HELP_TEXT,
            "found": find_consumers(term) if term else None,
            "most_found": MOST_FOUND,
            "consumer": owner and owner.consumer,
            "is_chosen": bool(owner) or "stranger" in request.GET,
            "offered": _offered(request.user, owner),
            "who": _query(owner, visit),
        }
        return TemplateResponse(request, "admin/requests_app/servicerequest/register.html", context)

    def register_form(self, request: StaffRequest, slug: str) -> HttpResponse:
        _check_may_register(request.user)
        service, visit = services.get_or_404(slug), _visit(request)
        owner = visit.owner if visit else _owner(request)
        if service not in _offered(request.user, owner):
            raise Http404
        data, files = sent(request)
        asked: dict[str, Any] = {"prefix": "reception", "initial": _initial(visit)}
        reception = ConsumerForm(data, owner=owner, **asked) if owner else StrangerForm(data, **asked)
        form = service.form_class(data, files, owner=owner, by=request.user, legal_form=_legal_form(data))
        earlier = None
        if request.method == "POST":
            made, earlier = _register(service, form, reception, visit, by=request.user)
            if made:
                messages.success(request, f"Обращение записано: № {made.number}.")
                return redirect("admin:requests_app_servicerequest_change", made.pk)
            actions.keep_files(form=form, by=request.user)
        return self._form_page(request, service, form, reception, owner, earlier)

    def _form_page(
        self,
        request: StaffRequest,
        service: Service,
        form: ServiceForm,
        reception: ReceptionForm,
        owner: User | None,
        earlier: ServiceRequest | None,
    ) -> HttpResponse:
        context = {
            **self._frame(request, f"Записать обращение: {service.noun.lower()}"),
            "service": service,
            "form": form,
            "reception": reception,
            "both": BothForms(reception, form),
            "consumer": owner and owner.consumer,
            "earlier": earlier,
            "mark": unsent.mark(request.user),
        }
        return TemplateResponse(request, "admin/requests_app/servicerequest/register_form.html", context)

    def link_page(self, request: StaffRequest, pk: int) -> HttpResponse:
        service_request = self._found(request, pk)
        if not request.user.has_perm(SEE_CONSUMERS):
            raise PermissionDenied
        if service_request.is_anonymous or not hasattr(service_request, "reception"):
            raise Http404
        form = LinkForm(sent(request)[0])
        page = Page(
            title="Привязать к кабинету",
            button="Привязать к кабинету",
            done="Заявка теперь в кабинете потребителя.",
            is_possible=service_request.owner_id is None,
        )
        return self._page(request, service_request, form, page, partial(_link, service_request, form, by=request.user))

    def _frame(self, request: StaffRequest, title: str) -> dict[str, Any]:
        return {**self.admin_site.each_context(request), "opts": self.opts, "title": title}


def _register(
    service: Service,
    form: ServiceForm,
    reception: ConsumerForm | StrangerForm,
    visit: ServiceRequest | None,
    *,
    by: User,
) -> tuple[ServiceRequest | None, ServiceRequest | None]:
    """(what was registered, what the same form has registered before); neither when the forms say what is wrong."""
    made: ServiceRequest | None = None
    earlier: ServiceRequest | None = None
    if not all([reception.is_valid(), form.is_valid()]):  # both, so that all errors are told at once
        return made, earlier
    with actions.refusals_in(form):
        facts = reception.facts(reception.applicant(), visit=visit)
        try:
            made = actions.register_on_behalf(service=service, form=form, facts=facts, by=by)
        except actions.AlreadySent as refusal:
            form.renew_key()
            earlier = refusal.service_request
    return made, earlier


def _check_may_register(user: User) -> None:
    if not (user.has_perm(PROCESS_REQUESTS) and user.has_perm(SEE_CONSUMERS)):
        raise PermissionDenied


def _offered(user: User, owner: User | None) -> list[Service]:
    """What this colleague may write down for such a consumer."""
    form = owner and owner.consumer.legal_form
    seen = services.seen_by(user)
    return [
        service
        for service in services.SERVICES
        if service.is_taken_on_behalf and service.slug in seen and (form is None or form in service.allowed_for)
    ]


def _owner(request: StaffRequest) -> User | None:
    """The consumer whom the address names; None where it names nobody. Raises Http404 for one that is not there."""
    key = request.GET.get("consumer", "")
    if not key:
        return None
    if not (key.isascii() and key.isdigit() and len(key) < 18):
        raise Http404
    found = Consumer.objects.filter(pk=int(key), user__is_active=True).select_related("user").first()
    if found is None:
        raise Http404
    return found.user


def _visit(request: StaffRequest) -> ServiceRequest | None:
    """The appointment at which it is said, if the address names one. Raises Http404 for any other request."""
    key = request.GET.get("visit", "")
    if not key:
        return None
    if not (key.isascii() and key.isdigit() and len(key) < 18):
        raise Http404
    visits = ServiceRequest.objects.visible_to(request.user).filter(service=appointment.SERVICE.slug)
    found = visits.filter(pk=int(key)).select_related("owner__consumer").first()
    if found is None or found.owner is None:
        raise Http404
    return found


def _initial(visit: ServiceRequest | None) -> dict[str, Any]:
    """Now; of a visit: face to face, when it began."""
    now = timezone.localtime().replace(second=0, microsecond=0)
    if visit is None:
        return {"received_at": now, "consent_on": now.date()}
    began = min(now, timezone.localtime(visit.appointment.starts_at))
    return {"appeal_form": AppealForm.OFFICE, "received_at": began, "consent_on": began.date()}


def _legal_form(data: Any) -> LegalForm | None:
    typed = (data or {}).get("reception-legal_form", "")
    return LegalForm(typed) if typed in LegalForm.values else None


def _query(owner: User | None, visit: ServiceRequest | None) -> str:
    if visit:
        return f"?visit={visit.pk}"
    return f"?consumer={owner.pk}" if owner else ""


def _link(service_request: ServiceRequest, form: LinkForm, *, by: User) -> None:
    actions.link_to_cabinet(service_request, **form.cleaned_data, by=by)

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.core.exceptions import PermissionDenied
from django.db.models import ManyToManyField, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.views.decorators.http import require_POST

from accounts import actions, package_admin, second_factor, snils, trail_admin  # noqa: F401  register themselves
from accounts.fields import format_phone
from accounts.forms import ReasonForm
from accounts.identifiers import looks_like_identifier, normalise
from accounts.models import ConsentDocument, ConsentEvent, Consumer, User
from accounts.models.consumer import ConsumerQuerySet
from accounts.snils_page import SnilsPage
from rsmportal.admin_lookups import AllowListedLookups
from rsmportal.desk_admin import ReadOnlyAdmin
from rsmportal.russian import counted

# -- Users ----------------------------------------------------------------------------------------------------------


class StaffCreationForm(forms.ModelForm[User]):
    """A new colleague. Nobody else learns the password: it is set by the link of a letter."""

    class Meta:
        model = User
        fields = ["email", "name", "groups"]
        widgets = {"groups": forms.CheckboxSelectMultiple}

    def save(self, commit: bool = True) -> User:
        self.instance.is_staff = True
        self.instance.set_unusable_password()
        return super().save(commit)


@admin.register(User)
class UserAdmin(AllowListedLookups[User], DjangoUserAdmin[User]):
    add_form = StaffCreationForm
    add_fieldsets = (
        (
            "Новый сотрудник",
            {
                "description": "На этот адрес придёт письмо со ссылкой, по которой сотрудник задаст пароль.",
                "fields": ["email", "name", "groups"],
            },
        ),
    )
    list_display = ["email", "name", "group_names", "is_active"]
    list_filter = ["is_staff", "is_active", "groups"]
    ordering = ["email"]
    search_fields = ["email__startswith"]
    search_help_text = "Начало адреса"
    export_display = [*list_display, "is_staff", "is_superuser", "email_confirmed_at", "last_login", "date_joined"]
    readonly_fields = ["email_confirmed_at", "last_login", "date_joined"]
    filter_horizontal = []
    formfield_overrides = {ManyToManyField: {"widget": forms.CheckboxSelectMultiple}}

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        return super().get_queryset(request).select_related("consumer", "second_factor").prefetch_related("groups")

    def get_fieldsets(self, request: HttpRequest, obj: User | None = None) -> Any:
        if obj is None:
            return self.add_fieldsets
        # to who may only look, Django would show the password's hash
        password = ["password"] if self.has_change_permission(request, obj) else []
        return [
            (None, {"fields": ["email", *password, "is_active"]}),
            ("Сотрудник", {"fields": ["name", "is_staff", "is_superuser", "groups"]}),
            ("Когда", {"fields": self.readonly_fields}),
        ]

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return False  # what somebody did stays theirs: an account is closed by «активен»

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        """A new colleague gets the letter with the link to set a password, a new address the one that confirms it."""
        if change and "email" in form.changed_data:
            obj.email_confirmed_at = None
        super().save_model(request, obj, form, change)
        if not change:
            actions.send_password_reset(obj.email)
        elif "email" in form.changed_data:
            actions.send_confirmation(obj)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.reset_second_factor)
        return [path("<int:pk>/second-factor/", view, name="accounts_user_second_factor"), *super().get_urls()]

    def reset_second_factor(self, request: HttpRequest, pk: int) -> HttpResponse:
        """A colleague has lost the phone and the recovery codes: administrators alone, never for themselves."""
        if not request.user.is_superuser:
            raise PermissionDenied
        user = get_object_or_404(User.objects.exclude(pk=request.user.pk), pk=pk, second_factor__isnull=False)
        form = ReasonForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            if actions.reset_second_factor(user):
                self.log_change(request, user, f"Второй шаг входа сброшен: {form.cleaned_data['reason']}")
            messages.success(request, "Второй шаг сброшен. При следующем входе сотрудник подключит новое устройство.")
            return redirect("admin:accounts_user_change", user.pk)
        context = {**self.admin_site.each_context(request), "title": "Сброс второго шага входа"}
        context |= {"opts": self.opts, "user_to_reset": user, "form": form}
        return render(request, "admin/accounts/user/second_factor.html", context)

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        user = kwargs.get("obj")
        is_other = user is not None and user != request.user and second_factor.of(user) is not None
        context["may_reset_second_factor"] = is_other and request.user.is_superuser
        return super().render_change_form(request, context, *args, **kwargs)

    @admin.display(description="группы")
    def group_names(self, user: User) -> str:
        return ", ".join(group.name for group in user.groups.all())


# -- Consumers ------------------------------------------------------------------------------------------------------


class SharedIdentifierFilter(admin.SimpleListFilter):
    title = "номер"
    parameter_name = "shared"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("1", "Есть у других кабинетов")]

    def queryset(self, request: HttpRequest, queryset: Any) -> ConsumerQuerySet:
        shared: ConsumerQuerySet = queryset.with_shared_identifier() if self.value() else queryset
        return shared


@admin.register(Consumer)
class ConsumerAdmin(SnilsPage, ReadOnlyAdmin[Consumer]):
    list_display = ["display_name", "legal_form", "masked_identifier", "email"]
    list_display_links = ["display_name"]
    list_filter = ["legal_form", SharedIdentifierFilter]
    list_select_related = ["user"]
    list_per_page = 50
    ordering = ["-user__date_joined"]
    search_fields = ["user__email"]  # how a term is searched for depends on its shape: get_search_results
    search_help_text = "Email, ИНН, ОГРН, ОГРНИП или СНИЛС целиком"
    export_display = ["display_name", "legal_form", "masked_identifier", "email", "email_state", "phone_number"]
    show_full_result_count = False
    fields = [
        "display_name",
        "legal_form",
        "masked_identifier",
        "same_identifier",
        "email",
        "email_state",
        "contact_name",
        "phone_number",
    ]

    def get_fields(self, request: HttpRequest, obj: Consumer | None = None) -> Any:
        """What leads on is shown to whom it opens."""
        leads = ["snils_link"] if obj and obj.snils_encrypted and request.user.has_perm(actions.REVEAL_SNILS) else []
        leads += ["seen_link"] if request.user.has_perm("accounts.view_dataview") else []
        return [*self.fields, *leads]

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Consumer], search_term: str
    ) -> tuple[QuerySet[Consumer], bool]:
        """An e-mail or a number, each in full. A СНИЛС is found by its hash."""
        if not search_term:
            return queryset, False
        digits = normalise(search_term)
        found = Q(user__email=search_term.strip().lower()) | Q(inn=digits) | Q(ogrn=digits) | Q(ogrnip=digits)
        if looks_like_identifier(digits) == "snils":
            found |= Q(snils_hash=snils.lookup_hash(digits))
        return queryset.filter(found), False

    @admin.display(description="потребитель")
    def display_name(self, consumer: Consumer) -> str:
        return consumer.display_name

    @admin.display(description="номер")
    def masked_identifier(self, consumer: Consumer) -> str:
        return consumer.masked_identifier

    @admin.display(description="email")
    def email(self, consumer: Consumer) -> str:
        return consumer.user.email

    @admin.display(description="email подтверждён")
    def email_state(self, consumer: Consumer) -> Any:
        return consumer.user.email_confirmed_at or "нет"

    @admin.display(description="телефон")
    def phone_number(self, consumer: Consumer) -> str:
        return format_phone(consumer.phone) if consumer.phone else ""

    @admin.display(description="СНИЛС целиком")
    def snils_link(self, consumer: Consumer) -> SafeString:
        return format_html(
            '<a href="{}">Показать с\N{NO-BREAK SPACE}основанием</a>',
            reverse("admin:accounts_consumer_snils", args=[consumer.pk]),
        )

    @admin.display(description="журнал просмотров")
    def seen_link(self, consumer: Consumer) -> SafeString:
        address = reverse("admin:accounts_dataview_changelist")
        return format_html('<a href="{}?consumer={}">Кто смотрел данные</a>', address, consumer.pk)

    @admin.display(description="тот же номер")
    def same_identifier(self, consumer: Consumer) -> SafeString | str:
        """The conflict that staff must know of: numbers are claimed, not proven."""
        others = Consumer.objects.claiming_identifier_of(consumer).select_related("user")
        if not others:
            return "Других кабинетов с этим номером нет"
        links = format_html_join(
            ", ",
            '<a href="{}">{}</a>',
            ((reverse("admin:accounts_consumer_change", args=[c.pk]), c.user.email) for c in others),
        )
        return format_html("Ещё {}: {}", counted(len(others), "кабинет", "кабинета", "кабинетов"), links)


# -- Consents -------------------------------------------------------------------------------------------------------


class ConsentDocumentForm(forms.ModelForm[ConsentDocument]):
    def clean_published_at(self) -> Any:
        """Nothing comes into force in the past: an earlier moment means now."""
        published_at = self.cleaned_data["published_at"]
        return max(published_at, timezone.now()) if published_at else None


@admin.register(ConsentDocument)
class ConsentDocumentAdmin(AllowListedLookups[ConsentDocument]):
    form = ConsentDocumentForm
    change_form_template = "admin/accounts/consentdocument/change_form.html"
    list_display = ["title", "version", "state", "published_at"]
    list_filter = ["purpose"]
    fields = ["purpose", "version", "title", "summary", "text", "sha256", "published_at"]
    readonly_fields = ["purpose", "version", "sha256"]
    actions = None

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False  # a text begins as the next version of the one before

    def has_change_permission(self, request: HttpRequest, obj: ConsentDocument | None = None) -> bool:
        return super().has_change_permission(request, obj) and not (obj and obj.published_at)

    def has_delete_permission(self, request: HttpRequest, obj: ConsentDocument | None = None) -> bool:
        return super().has_delete_permission(request, obj) and not (obj and obj.published_at)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(require_POST(self.new_version))
        return [path("<int:pk>/new-version/", view, name="accounts_consentdocument_new_version"), *super().get_urls()]

    def new_version(self, request: HttpRequest, pk: int) -> HttpResponse:
        """A draft of the next version with the text of this one; the draft that is there already, if any."""
        if not request.user.has_perm("accounts.add_consentdocument"):
            raise PermissionDenied
        document = self.get_object(request, str(pk))
        if document is None:
            return redirect("admin:accounts_consentdocument_changelist")
        draft = actions.draft_next_version(document)
        return redirect("admin:accounts_consentdocument_change", draft.pk)

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        context["may_draft"] = request.user.has_perm("accounts.add_consentdocument")
        return super().render_change_form(request, context, *args, **kwargs)

    @admin.display(description="состояние")
    def state(self, document: ConsentDocument) -> str:
        if document.published_at is None:
            return "Черновик"
        return "Опубликована" if document.published_at <= timezone.now() else "Вступит в силу"


@admin.register(ConsentEvent)
class ConsentEventAdmin(ReadOnlyAdmin[ConsentEvent]):
    list_display = ["at", "email", "document", "action", "ip"]
    list_filter = ["document__purpose", "action"]
    list_select_related = ["user", "document"]
    date_hierarchy = "at"
    search_fields = ["user__email__exact"]
    search_help_text = "Email целиком"
    show_full_result_count = False
    fields = ["at", "email", "document", "action", "sha256", "ip", "user_agent"]

    @admin.display(description="email")
    def email(self, event: ConsentEvent) -> str:
        return event.user.email

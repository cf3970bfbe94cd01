"""
«Я не робот»: django-altcha, a proof of work that never leaves our server; django-recaptcha when its two keys are set;
a question in words where neither can run.

A form inherits `CaptchaForm`, its view stands under `captcha_csp`, its page says `{{ form.captcha.as_field_group }}`.
Whatever was solved counts once, in all workers together, and for twenty minutes. When the captcha was right but another
field was not, the page comes back with a pass in the captcha's place, so nobody solves it twice for one misprint.
"""

import base64
import hashlib
import json
import logging
import re
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import wraps
from http.client import HTTPException
from typing import Any, ClassVar, ParamSpec, TypeVar, cast

import altcha
from csp.constants import SELF
from csp.decorators import csp_update
from django import forms
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core import signing
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET
from django_altcha import get_altcha_challenge, get_hmac_key
from django_recaptcha import client as recaptcha
from django_recaptcha.constants import DEFAULT_RECAPTCHA_DOMAIN

from accounts.limits import CAPTCHA_ANSWERS, CAPTCHA_CHALLENGES, Limit, client_ip, client_network
from accounts.text_question import TextQuestion

logger = logging.getLogger(__name__)

LIFETIME = timedelta(minutes=20)  # of everything: a challenge, a question, a pass; people type slowly
TRIES = 10  # how often one form may come back with mistakes before the captcha is asked again

# Half of it is hashed on average: a fraction of a second on a computer, two or three seconds on an old phone.
_GREATEST_NUMBER = 100_000

# The salt of our challenges and nothing else: altcha 1.0 reads the first «expires» of a salt but hashes the last one,
# so with a second one put in front a solution would never expire.
_SALT = re.compile(r"[0-9a-f]{24}\?expires=(?P<expires>[0-9]{10})&")
_LONGEST_TOKEN = 4000

_WIDGET_TEXTS = {
    "label": "Я не робот",
    "verifying": "Проверка…",
    "verified": "Готово",
    "expired": "Проверка устарела. Отметьте ещё раз.",
    "error": "Проверка не удалась. Отметьте ещё раз или ответьте на вопрос.",
    "waitAlert": "",  # captcha.js waits instead
    "footer": "",
}

# What an unreachable, broken or misconfigured service can end in.
_SERVICE_FAILURES = (OSError, HTTPException, ValueError, LookupError, TypeError, AttributeError)

# Refusals of reCAPTCHA that the person before the form cannot help: wrong keys of ours.
_OUR_FAULT = {"missing-input-secret", "invalid-input-secret", "bad-request"}

_pass_signer = signing.TimestampSigner(salt="accounts.captcha.pass")


@dataclass(frozen=True)
class Submitted:
    """What came back with the form; each part is empty when it was not there."""

    passed: str = ""
    token: str = ""
    question: str = ""
    answer: str = ""


class CaptchaWidget(forms.Widget):
    template_name = "django/forms/widgets/captcha.html"

    new_pass = ""  # set by the field when the captcha was right: shown only if the form comes back
    service_failed = False

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> Submitted:
        return Submitted(
            passed=data.get(f"{name}_pass", ""),
            token=data.get("g-recaptcha-response" if _uses_recaptcha() else "altcha", ""),  # their own names
            question=data.get(f"{name}_question", ""),
            answer=data.get(f"{name}_answer", "").strip(),
        )

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, None, attrs)
        # the field has no hint, so what describes it is its errors
        errors_id = context["widget"]["attrs"].get("aria-describedby")
        context["widget"] |= {"errors_id": errors_id, "new_pass": self.new_pass, "service_failed": self.service_failed}
        if not self.new_pass:
            context["widget"] |= {"question": TextQuestion.ask(), **_backend_context()}
        return context


class CaptchaField(forms.Field):
    """
    `clean` returns True or raises ValidationError with one of the codes `required`, `no_answer`, `expired`, `used`,
    `invalid`, `unavailable`, `wrong_answer`, `too_many_answers`. `request` is set by the form: answers are counted by
    client.
    """

    widget = CaptchaWidget
    default_error_messages: ClassVar[dict[str, Any]] = {
        "required": "Отметьте, что вы не робот.",
        "no_answer": "Ответьте на вопрос: так мы отличаем людей от программ.",
        "expired": "Проверка устарела: прошло больше двадцати минут. Пройдите её ещё раз.",
        "used": "Эта проверка уже использована. Пройдите её ещё раз.",
        "invalid": "Проверка не удалась. Пройдите её ещё раз.",
        "unavailable": "Служба проверки не отвечает. Ответьте на вопрос или отправьте форму через несколько минут.",
        "wrong_answer": "Ответ неверный. Ответьте на новый вопрос.",
        "too_many_answers": "С вашего адреса слишком много ответов. Отметьте поле или попробуйте через час.",
    }
    request: HttpRequest | None = None

    def __init__(self) -> None:
        super().__init__(label="Я не робот", template_name="components/captcha.html")

    def clean(self, value: Submitted) -> bool:
        tries = self._check(value)
        if tries:
            self.widget.new_pass = _pass_signer.sign(f"{tries}.{secrets.token_urlsafe(12)}")
        return True

    def _check(self, submitted: Submitted) -> int:
        """How many more times the form may come back. Raises ValidationError."""
        if submitted.passed:
            return self._check_pass(submitted.passed)
        if submitted.answer:
            self._check_answer(submitted)
        elif not submitted.token:
            # where the box works captcha.js keeps the question back: whoever sends it was shown it
            raise self._error("no_answer" if submitted.question else "required")
        elif len(submitted.token) > _LONGEST_TOKEN:
            raise self._error("invalid")
        elif _uses_recaptcha():
            self._check_recaptcha(submitted.token)
        else:
            self._check_altcha(submitted.token)
        return TRIES

    def _check_pass(self, token: str) -> int:
        tries, _, nonce = self._unsigned(lambda: _pass_signer.unsign(token, max_age=LIFETIME)).partition(".")
        self._spend("pass", nonce)
        return int(tries) - 1

    def _check_answer(self, submitted: Submitted) -> None:
        if not CAPTCHA_ANSWERS.hit(client_network(self.request) if self.request else None):
            raise self._error("too_many_answers")
        question = self._unsigned(lambda: TextQuestion.asked(submitted.question, max_age=LIFETIME))
        self._spend("question", question.token)
        if not question.is_answered_by(submitted.answer):
            raise self._error("wrong_answer")

    def _check_altcha(self, token: str) -> None:
        try:
            payload = json.loads(base64.b64decode(token))
            salt = _SALT.fullmatch(payload["salt"])
            verified, _ = altcha.verify_solution(payload, get_hmac_key(), check_expires=False)
        except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
            raise self._error("invalid") from None
        if not (salt and verified):
            raise self._error("invalid")
        if int(salt["expires"]) < time.time():
            raise self._error("expired")
        self._spend("altcha", payload["signature"])

    def _check_recaptcha(self, token: str) -> None:
        ip = client_ip(self.request) if self.request else None
        try:
            answer = recaptcha.submit(token, settings.RECAPTCHA_PRIVATE_KEY, ip or "")
            refusals = {str(code) for code in answer.error_codes}
        except _SERVICE_FAILURES:
            logger.exception("reCAPTCHA does not answer")
            refusals = _OUR_FAULT
        if refusals & _OUR_FAULT:
            self.widget.service_failed = True
            raise self._error("unavailable")
        if answer.is_valid is not True:
            logger.warning("reCAPTCHA refused: %s", ", ".join(sorted(refusals)))
            raise self._error("expired" if "timeout-or-duplicate" in refusals else "invalid")
        self._spend("recaptcha", token)

    def _unsigned(self, read: Callable[[], Any]) -> Any:
        try:
            return read()
        except signing.SignatureExpired:
            raise self._error("expired") from None
        except signing.BadSignature:
            raise self._error("invalid") from None

    def _spend(self, kind: str, token: str) -> None:
        """
        Raises `used` unless this is the first time, in any worker: `cache.add` is decided by the primary key of the
        cache table. The mark outlives the token; the token itself is not kept.
        """
        mark = f"captcha:{hashlib.sha256(f'{kind} {token}'.encode()).hexdigest()}"
        if not cache.add(mark, True, 2 * LIFETIME.total_seconds()):
            raise self._error("used")

    def _error(self, code: str) -> ValidationError:
        return ValidationError(self.error_messages[code], code=code)


class CaptchaForm(forms.Form):
    """
    A form that ends with «Я не робот». Takes the HTTP request as `request=`.

    `limit` bounds how many times one client may send it with the captcha solved. What must not be probed freely, such
    as whether an e-mail is known, belongs into `clean()`, after `super().clean()`, when "captcha" is in its data.
    """

    limit: ClassVar[Limit | None] = None

    captcha = CaptchaField()

    def __init__(self, *args: Any, request: HttpRequest, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.request = request
        captcha = cast(CaptchaField, self.fields.pop("captcha"))
        captcha.request = request
        self.fields["captcha"] = captcha  # the last one

    def clean(self) -> dict[str, Any]:
        """Raises ValidationError with the code `too_many` when `limit` is reached."""
        cleaned = super().clean() or self.cleaned_data
        if self.limit and "captcha" in cleaned and not self.limit.hit(client_network(self.request)):
            message = "С вашего адреса слишком много попыток. Подождите час и отправьте форму ещё раз."
            raise ValidationError(message, code="too_many")
        return cleaned


@require_GET
@never_cache
@login_not_required
def captcha_challenge(request: HttpRequest) -> HttpResponse:
    """A fresh challenge as JSON, for altcha's widget; 429 when the client has taken too many."""
    if not CAPTCHA_CHALLENGES.hit(client_network(request)):
        return JsonResponse({"error": "too many challenges"}, status=429)
    # to_dict() and not __dict__: only there is the greatest number called as the widget expects it
    milliseconds = int(LIFETIME.total_seconds() * 1000)
    return JsonResponse(get_altcha_challenge(_GREATEST_NUMBER, milliseconds).to_dict())


_P = ParamSpec("_P")
_R = TypeVar("_R", bound=HttpResponseBase)


def captcha_csp(view: Callable[_P, _R]) -> Callable[_P, _R]:
    """Decorator of a view with a captcha on its page: allows what the widget needs beyond our policy, and no more."""

    @wraps(view)
    def wrapped(*args: _P.args, **kwargs: _P.kwargs) -> _R:
        update: Any = csp_update(_csp_directives())  # at each request, for it depends on settings
        response: _R = update(view)(*args, **kwargs)
        return response

    return wrapped


def _csp_directives() -> dict[str, list[str]]:
    if not _uses_recaptcha():
        return {"worker-src": ["blob:"]}  # the widget calculates in workers that it makes out of its own text
    service = f"https://{_recaptcha_domain()}/recaptcha/"
    return {
        "script-src": [SELF, service, "https://www.gstatic.com/recaptcha/"],
        "frame-src": [service, "https://recaptcha.google.com/recaptcha/"],
    }


def _backend_context() -> dict[str, str]:
    if _uses_recaptcha():
        return {
            "recaptcha_key": settings.RECAPTCHA_PUBLIC_KEY,
            "recaptcha_script": f"https://{_recaptcha_domain()}/recaptcha/api.js?hl=ru",
        }
    return {
        "challenge_url": reverse("accounts:captcha_challenge"),
        "texts": json.dumps(_WIDGET_TEXTS, ensure_ascii=False),
    }


def _uses_recaptcha() -> bool:
    return bool(settings.RECAPTCHA_PUBLIC_KEY and settings.RECAPTCHA_PRIVATE_KEY)


def _recaptcha_domain() -> str:
    return str(getattr(settings, "RECAPTCHA_DOMAIN", DEFAULT_RECAPTCHA_DOMAIN))

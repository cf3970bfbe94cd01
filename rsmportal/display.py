"""
«Версия для слабовидящих»: contrast, size of text, spacing, pictures.

Kept in a cookie of the browser, so it works before login and on error pages; the server writes it as data-attributes
of <html>, so it works without scripts. What the browser sends back is checked against the lists below.
"""

from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Self
from urllib.parse import urlencode

from django import forms
from django.conf import settings
from django.http import HttpResponse, QueryDict

COOKIE = "display"
COOKIE_AGE = timedelta(days=365)

CONTRASTS = {"": "Как обычно", "light": "Чёрным по белому", "dark": "Белым по чёрному", "blue": "Синим по голубому"}
TEXT_SIZES = {"": "Обычный", "large": "Крупный", "largest": "Самый крупный"}
SPACINGS = {"": "Обычные", "wide": "Широкие"}
IMAGES = {"": "Показывать", "off": "Не показывать"}


@dataclass(frozen=True)
class Display:
    """How one person wants to see the pages; an empty value is the usual look."""

    contrast: str = ""
    text: str = ""
    spacing: str = ""
    images: str = ""

    @classmethod
    def from_cookie(cls, cookie: str) -> Self:
        """What the cookie asks for; a value that is not in the lists is dropped."""
        asked = QueryDict(cookie[:200])
        allowed = {"contrast": CONTRASTS, "text": TEXT_SIZES, "spacing": SPACINGS, "images": IMAGES}
        return cls(**{name: asked[name] for name, values in allowed.items() if asked.get(name) in values})

    @property
    def attributes(self) -> dict[str, str]:
        """Names and values of the data-attributes of <html>."""
        return {name: value for name, value in asdict(self).items() if value}

    def remember(self, response: HttpResponse) -> None:
        """Put the cookie on `response`; the usual look needs none."""
        if not self.attributes:
            response.delete_cookie(COOKIE, samesite="Lax")
            return
        response.set_cookie(
            COOKIE,
            urlencode(self.attributes),
            max_age=COOKIE_AGE,
            secure=settings.SESSION_COOKIE_SECURE,
            httponly=True,
            samesite="Lax",
        )


class DisplayForm(forms.Form):
    mark_optional = False

    contrast = forms.ChoiceField(label="Цвета", choices=CONTRASTS, required=False, widget=forms.RadioSelect)
    text = forms.ChoiceField(label="Текст", choices=TEXT_SIZES, required=False, widget=forms.RadioSelect)
    spacing = forms.ChoiceField(
        label="Промежутки между буквами", choices=SPACINGS, required=False, widget=forms.RadioSelect
    )
    images = forms.ChoiceField(label="Значки", choices=IMAGES, required=False, widget=forms.RadioSelect)

    @property
    def display(self) -> Display:
        """What a valid form asks for."""
        return Display(**self.cleaned_data)

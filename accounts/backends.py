from __future__ import annotations

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.db.models import Q
from django.http import HttpRequest

from accounts import snils
from accounts.identifiers import looks_like_identifier, normalise
from accounts.models import User


class LoginBackend(ModelBackend):
    """
    Login by e-mail, or by ИНН, ОГРНИП or СНИЛС where exactly one active account holds it.

    Separators and the case of letters do not matter. An unknown name takes as long as a wrong password.
    """

    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **kwargs: Any
    ) -> User | None:
        typed = username or kwargs.get(User.USERNAME_FIELD)
        if not typed or password is None:
            return None
        user = _find(typed)
        if user is None:
            User().set_password(password)
            return None
        return user if user.check_password(password) and self.user_can_authenticate(user) else None

    def get_user(self, user_id: int) -> User | None:
        user = User.objects.select_related("consumer", "second_factor").filter(pk=user_id).first()
        return user if user and self.user_can_authenticate(user) else None


def _find(typed: str) -> User | None:
    number = normalise(typed)
    match looks_like_identifier(typed):
        case "snils":
            holder = Q(consumer__snils_hash=snils.lookup_hash(number))
        case "inn":
            holder = Q(consumer__inn=number)
        case "ogrnip":
            holder = Q(consumer__ogrnip=number)
        case None:
            return User.objects.filter(email=typed.strip().lower()).first()
    holders = list(User.objects.filter(holder, is_active=True)[:2])
    return holders[0] if len(holders) == 1 else None

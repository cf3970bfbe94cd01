from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        """A new user. The e-mail is stored in lower case: «Ivan@» and «ivan@» are one mailbox to their owner."""
        user = self.model(email=email.lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> User:
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email=(username or "").lower())


class User(AbstractBaseUser, PermissionsMixin):
    """Who logs in: a consumer (then there is a `Consumer` beside it) or one of the staff."""

    email = models.EmailField(
        "email", max_length=254, unique=True, error_messages={"unique": "Этот email уже зарегистрирован."}
    )
    name = models.CharField(
        "имя сотрудника",
        max_length=150,
        blank=True,
        help_text="Так подписаны ответы потребителям, например «Марина Олеговна, оператор».",
    )
    is_active = models.BooleanField("активен", default=True)
    is_staff = models.BooleanField("сотрудник", default=False, help_text="Может войти в рабочий стол.")
    email_confirmed_at = models.DateTimeField("email подтверждён", null=True, blank=True)
    date_joined = models.DateTimeField("зарегистрирован", default=timezone.now)

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    objects = UserManager()

    class Meta:
        verbose_name = "пользователь"
        verbose_name_plural = "пользователи"
        constraints = [
            models.CheckConstraint(condition=models.Q(email=Lower("email")), name="user_email_lower_case"),
        ]

    def __str__(self) -> str:
        return self.display_name

    def clean(self) -> None:
        super().clean()
        self.email = self.email.lower()

    @property
    def is_consumer(self) -> bool:
        return hasattr(self, "consumer")

    @property
    def display_name(self) -> str:
        """The name that people see: of the person or organisation, or of the staff member; never a number."""
        if self.is_consumer:
            return self.consumer.display_name
        return self.name or self.email

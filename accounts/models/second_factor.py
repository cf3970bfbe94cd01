from __future__ import annotations

from django.db import models
from django.utils import timezone

from accounts.models.user import User


class SecondFactor(models.Model):
    """
    The application on a colleague's phone that shows codes (RFC 6238). Another phone is another row, so that sessions
    confirmed with the one before end with it.
    """

    user = models.OneToOneField(User, on_delete=models.CASCADE, related_name="second_factor", verbose_name="сотрудник")
    secret = models.TextField("секрет, зашифрован", help_text="Ключи — в SNILS_KEYS.")
    last_step = models.PositiveBigIntegerField(
        "последний использованный шаг", help_text="Коды этого и прежних шагов больше не действуют."
    )
    added_at = models.DateTimeField("подключён", default=timezone.now)

    class Meta:
        verbose_name = "второй шаг входа"
        verbose_name_plural = "вторые шаги входа"

    def __str__(self) -> str:
        return f"Второй шаг входа: {self.user}"


class RecoveryCode(models.Model):
    """One of the codes for a lost phone. Good once; only its keyed hash is kept."""

    factor = models.ForeignKey(
        SecondFactor, on_delete=models.CASCADE, related_name="recovery_codes", verbose_name="второй шаг входа"
    )
    code_hash = models.CharField("хеш кода", max_length=64)
    used_at = models.DateTimeField("использован", null=True, blank=True)

    class Meta:
        verbose_name = "код восстановления"
        verbose_name_plural = "коды восстановления"
        constraints = [
            models.UniqueConstraint(fields=["factor", "code_hash"], name="recovery_code_once_per_factor"),
        ]

    def __str__(self) -> str:
        return f"Код восстановления {self.pk}"

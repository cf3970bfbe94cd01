from __future__ import annotations

from functools import reduce
from operator import or_
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Count, Q
from phonenumber_field.modelfields import PhoneNumberField

from accounts import identifiers, snils


class LegalForm(models.TextChoices):
    PERSON = "person", "Физическое лицо"
    SOLE_TRADER = "sole_trader", "Индивидуальный предприниматель"
    COMPANY = "company", "Юридическое лицо"


_NO_SNILS = Q(snils_encrypted="", snils_hash="")
_NAMED = ~Q(last_name="") & ~Q(first_name="")


_IDENTIFIERS = ("snils_hash", "ogrnip", "inn", "ogrn")


class ConsumerQuerySet(models.QuerySet["Consumer"]):
    def claiming_identifier_of(self, consumer: Consumer) -> Self:
        """The others who claim a number of `consumer`."""
        claims = (Q((name, getattr(consumer, name))) for name in _IDENTIFIERS if getattr(consumer, name))
        return self.filter(reduce(or_, claims)).exclude(pk=consumer.pk)

    def with_shared_identifier(self) -> Self:
        """Those one of whose numbers is claimed by another too."""
        # numbers are grouped first: comparing each cabinet with all others takes minutes for a hundred thousand
        claims = (Q((f"{name}__in", _claimed_twice(name))) for name in _IDENTIFIERS)
        return self.filter(reduce(or_, claims))


def _claimed_twice(name: str) -> models.QuerySet[Consumer, str]:
    numbers = Consumer.objects.exclude(**{name: ""}).values(name).annotate(claims=Count("pk"))
    twice: models.QuerySet[Consumer, str] = numbers.filter(claims__gt=1).order_by().values_list(name, flat=True)
    return twice


class Consumer(models.Model):
    """
    Whose cabinet it is. Identifiers are claimed, not proven: anyone can type a public ИНН, so none is unique here,
    and a squatter cannot keep the rightful owner out. Staff see such conflicts.
    """

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,  # requests stay in the register after the person has left
        primary_key=True,
        related_name="consumer",
        verbose_name="пользователь",
    )
    legal_form = models.CharField("правовая форма", max_length=11, choices=LegalForm)
    last_name = models.CharField("фамилия", max_length=100, blank=True)
    first_name = models.CharField("имя", max_length=100, blank=True)
    middle_name = models.CharField("отчество", max_length=100, blank=True)
    organisation = models.CharField("название организации", max_length=255, blank=True)
    contact_name = models.CharField("контактное лицо", max_length=255, blank=True)
    snils_encrypted = models.TextField("СНИЛС (зашифрован)", blank=True, editable=False)
    snils_hash = models.CharField("СНИЛС (для поиска)", max_length=64, blank=True, editable=False, db_index=True)
    ogrnip = models.CharField("ОГРНИП", max_length=15, blank=True, db_index=True)
    inn = models.CharField("ИНН", max_length=12, blank=True, db_index=True)
    ogrn = models.CharField("ОГРН", max_length=13, blank=True, db_index=True)
    phone = PhoneNumberField("телефон", blank=True)

    objects = ConsumerQuerySet.as_manager()

    class Meta:
        verbose_name = "потребитель"
        verbose_name_plural = "потребители"
        permissions = [("reveal_snils", "Может увидеть СНИЛС потребителя целиком")]
        constraints = [
            models.CheckConstraint(
                name="consumer_fits_legal_form",
                violation_error_message="Данные не подходят к правовой форме.",
                condition=(
                    Q(legal_form=LegalForm.PERSON, ogrnip="", inn="", ogrn="", snils_hash__regex=r"^[0-9a-f]{64}$")
                    & ~Q(snils_encrypted="")
                    & _NAMED
                    & ~Q(phone="")
                )
                | (
                    Q(legal_form=LegalForm.SOLE_TRADER, ogrnip__regex=r"^3[0-9]{14}$", ogrn="")
                    & Q(inn__regex=r"^([0-9]{12})?$")
                    & _NO_SNILS
                    & _NAMED
                    & ~Q(phone="")
                )
                | (
                    Q(legal_form=LegalForm.COMPANY, inn__regex=r"^[0-9]{10}$", ogrn__regex=r"^[0-9]{13}$", ogrnip="")
                    & _NO_SNILS
                ),
            ),
        ]

    def __str__(self) -> str:
        return self.display_name

    @property
    def snils(self) -> str:
        """Eleven digits for the owner's own profile; empty when there is none."""
        return snils.decrypt(self.snils_encrypted) if self.snils_encrypted else ""

    @snils.setter
    def snils(self, digits: str) -> None:
        self.snils_encrypted = snils.encrypt(digits)
        self.snils_hash = snils.lookup_hash(digits)

    @property
    def full_name(self) -> str:
        return " ".join(filter(None, [self.last_name, self.first_name, self.middle_name]))

    @property
    def display_name(self) -> str:
        """«Самойлов Николай Петрович», «ИП Гринько Т. И.», «ООО «Вега»; never a bare number."""
        if self.legal_form == LegalForm.COMPANY:
            return self.organisation or "Организация без названия"
        return f"ИП {self.full_name}" if self.legal_form == LegalForm.SOLE_TRADER else self.full_name

    @property
    def greeting(self) -> str:
        """How a letter or the cabinet addresses them: «Николай Петрович»; empty when no person is known."""
        if self.legal_form == LegalForm.COMPANY:
            return self.contact_name
        return " ".join(filter(None, [self.first_name, self.middle_name]))

    @property
    def full_identifiers(self) -> list[tuple[str, str]]:
        """What each number is called and the number in full: for its owner alone."""
        numbers = {"ОГРНИП": self.ogrnip, "ИНН": self.inn, "ОГРН": self.ogrn}
        snils = identifiers.format_snils(self.snils) if self.snils else ""
        return [(name, number) for name, number in {"СНИЛС": snils, **numbers}.items() if number]

    @property
    def masked_identifier(self) -> str:
        """The number by which staff and receipts know the consumer; a SNILS is masked, the others are public."""
        if self.legal_form == LegalForm.PERSON:
            return f"СНИЛС {identifiers.mask_snils(self.snils)}"
        if self.legal_form == LegalForm.SOLE_TRADER:
            return f"ОГРНИП {self.ogrnip}"
        return f"ИНН {self.inn}, ОГРН {self.ogrn}"

    @property
    def missing_contacts(self) -> list[str]:
        """What a company has not told yet and staff need in order to answer: field names, in the order of the form."""
        if self.legal_form != LegalForm.COMPANY:
            return []
        fields: dict[str, Any] = {
            "organisation": self.organisation,
            "contact_name": self.contact_name,
            "phone": self.phone,
        }
        return [name for name, value in fields.items() if not value]

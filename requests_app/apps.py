from typing import Any

from django.apps import AppConfig
from django.apps import apps as current_apps
from django.db.models.signals import post_migrate


class RequestsConfig(AppConfig):
    name = "requests_app"
    verbose_name = "Заявки"

    def ready(self) -> None:
        post_migrate.connect(_seed_terms, sender=self)


def _seed_terms(using: str, apps: Any = current_apps, **kwargs: Any) -> None:
    """Give a service without a term its default one, so that a new service needs no data migration."""
    try:
        apps.get_model("requests_app", "ServiceTerm")
    except LookupError:  # migrated back to nothing
        return
    from requests_app.services import SERVICES
    from requests_app.terms import seed

    seed(SERVICES, using=using)

"""Looks for what SQL cannot forbid."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db.models import Exists, OuterRef

from requests_app import services
from requests_app.models import Attachment, ServiceRequest
from requests_app.models.attachment import private_storage


class Command(BaseCommand):
    help = "Check that every request has the detail row of its service and every file its content. Exit code 1 if not."

    def handle(self, *args: Any, **options: Any) -> None:
        problems = [*_missing_details(), *_missing_files()]
        for problem in problems:
            self.stderr.write(problem)
        if problems:
            raise CommandError(f"Problems found: {len(problems)}")
        self.stdout.write("Everything is in its place.")


def _missing_details() -> list[str]:
    problems = []
    for service in services.SERVICES:
        rows = service.detail_model._default_manager.filter(service_request=OuterRef("pk"))
        bare = ServiceRequest.objects.filter(~Exists(rows), service=service.slug)
        problems += [f"{number}: no row in {service.detail_name}" for number in bare.values_list("number", flat=True)]
    known = [service.slug for service in services.SERVICES]
    strange = ServiceRequest.objects.exclude(service__in=known).values_list("number", "service")
    return problems + [f"{number}: unknown service {slug}" for number, slug in strange]


def _missing_files() -> list[str]:
    storage = private_storage()
    return [
        f"attachment {attachment.pk}: no file"
        for attachment in Attachment.objects.iterator()
        if not storage.exists(attachment.file.name)
    ]

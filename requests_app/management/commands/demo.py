"""Fills the portal with demonstration data."""

import sys
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from post_office.models import Email

from requests_app.demo import (
    answering,
    bulk,
    desk,
    group_answers,
    news,
    on_behalf,
    papers,
    people,
    quality,
    reading_desk,
    readings,
    script,
    stories,
    supply,
    surveys,
    terms,
    trail,
    violations,
    visits,
)


class Command(BaseCommand):
    help = (
        "Create demo people, news, supply points, surveys and requests in every state; what is there already stays. The logins are public, "
        "so the command refuses to run when DEBUG is off, unless --force is given."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--requests", type=int, default=0, metavar="N", help="also make N plain requests")
        parser.add_argument("--force", action="store_true", help="run although DEBUG is off")

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEBUG and not options["force"]:
            raise CommandError(
                "DEBUG is off: demo logins with a public password do not belong here (--force overrides)."
            )
        newest_letter = Email.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
        people.make_staff()
        people.make_consumers()
        news.make_news()
        supply.make_supply()
        stories.make_requests(script.STORIES + violations.STORIES)
        terms.extend_one()
        readings.make_readings()
        reading_desk.make_reading_desk()
        papers.make_papers()
        surveys.make_surveys()
        visits.make_visits()
        desk.make_desk()
        group_answers.make_group_answer()
        quality.make_quality()
        answering.make_drafts()
        answering.move_letters()
        trail.make_trail()
        group_answers.make_group_answer()
        on_behalf.make_on_behalf()
        Email.objects.filter(pk__gt=newest_letter, to__endswith="@example.org").delete()  # nobody waits for these
        if options["requests"]:
            bulk.make_many(options["requests"], progress=self._show_progress)
        self._greet()

    def _show_progress(self, made: int) -> None:
        self.stderr.write(f"\r{made} requests", ending="")
        sys.stderr.flush()

    def _greet(self) -> None:
        logins = [*people.CONSUMERS, *(colleague.email for colleague in people.STAFF)]
        lines = [
            "",
            f"Portal:     {settings.SITE_URL}/",
            f"Work desk:  {settings.SITE_URL}/admin/",
            f"Password:   {people.PASSWORD}  (the same for all)",
            "Consumers:  " + ", ".join(logins[: len(people.CONSUMERS)]),
            "Staff:      " + ", ".join(logins[len(people.CONSUMERS) :]),
            "",
        ]
        self.stdout.write("\n".join(lines))

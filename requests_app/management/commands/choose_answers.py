"""Draws the answers of last week that are read a second time."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from requests_app import actions


class Command(BaseCommand):
    help = (
        "Choose by chance which answers of last week a second person reads. Once a week: run again, it does nothing, "
        "so it may stand in a nightly timer. How many they are is set in the desk, «Правила качества»."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        sample = actions.choose_answers(now=timezone.now())
        if sample is None:
            self.stdout.write("Chosen before")
        else:
            self.stdout.write(f"Week of {sample.week}: {sample.reviews.count()} of {sample.answers}")

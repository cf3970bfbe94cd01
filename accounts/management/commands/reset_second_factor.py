"""The way in for the only administrator who has lost the phone and the recovery codes."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts import actions
from accounts.models import User


class Command(BaseCommand):
    help = "Forget the device of a colleague's second factor: the next login connects another. A letter tells of it."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")

    def handle(self, *args: Any, **options: Any) -> None:
        user = User.objects.filter(email=options["email"].lower()).first()
        if user is None or not actions.reset_second_factor(user):
            raise CommandError("No account with this e-mail has a second factor.")
        self.stdout.write("Reset.")

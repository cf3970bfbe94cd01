from typing import Any

from django.apps import AppConfig

from rsmportal import form_texts


class ContentConfig(AppConfig):
    """The project itself is no app, so what it has to set up at the start is set up here."""

    name = "rsmportal.content"
    label = "content"
    verbose_name = "Новости"

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        form_texts.install()  # before the models: their modules declare forms, whose fields take the texts at once

    def ready(self) -> None:
        from rsmportal import checks  # noqa: F401  importing registers them

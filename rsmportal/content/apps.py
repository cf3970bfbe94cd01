from django.apps import AppConfig


class ContentConfig(AppConfig):
    name = "rsmportal.content"
    label = "content"
    verbose_name = "Новости"

    def ready(self) -> None:
        from rsmportal import checks  # noqa: F401  registers them; the project itself is no app

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = "Учётные записи"

    def ready(self) -> None:
        from accounts import staff_session  # noqa: F401  listens to logins

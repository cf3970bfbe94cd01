"""What has to be there before some services can be asked for: a free time, a meter, a survey."""

from collections.abc import Callable
from typing import Any

from accounts.models import User

# Slug of a service → makes the rows that its form chooses from and returns valid form data for that consumer.
SCENES: dict[str, Callable[[User], dict[str, Any]]] = {}

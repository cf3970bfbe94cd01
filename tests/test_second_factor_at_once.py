"""The same code from many browsers at the same moment, two windows that connect a device: one wins."""

import base64
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection
from django_otp.oath import totp

from accounts import actions, second_factor
from accounts.models import RecoveryCode, SecondFactor
from tests.factories import StaffFactory

pytestmark = pytest.mark.django_db(transaction=True)

KEY = b"12345678901234567890"
SECRET = base64.b32encode(KEY).decode()
BROWSERS = 8


def in_parallel(work):
    """`work(number)` from as many threads as BROWSERS, each with its own connection; what each returned or raised."""
    barrier = Barrier(BROWSERS)

    def run(number):
        try:
            barrier.wait(timeout=20)
            return work(number)
        except actions.AlreadyConnected as error:  # the test looks at it
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(BROWSERS) as pool:
        return list(pool.map(run, range(BROWSERS)))


@pytest.fixture
def colleague(transactional_db):
    return StaffFactory()


@pytest.mark.parametrize("kind", ["application", "recovery"])
def test_one_code_lets_one_in(colleague, kind):
    codes = actions.connect_device(colleague, secret=SECRET, step=1, instead_of=None)
    code = codes[0] if kind == "recovery" else f"{totp(KEY):06}"
    factors = [SecondFactor.objects.get() for _ in range(BROWSERS)]  # each read before anybody has used it

    answers = in_parallel(lambda number: second_factor.use(factors[number], code))

    assert sorted(answers) == [False] * (BROWSERS - 1) + [True]


def test_one_window_connects_a_device(colleague):
    answers = in_parallel(
        lambda number: actions.connect_device(
            colleague, secret=second_factor.new_secret(), step=number + 1, instead_of=None
        )
    )

    assert sum(isinstance(answer, list) for answer in answers) == SecondFactor.objects.count() == 1
    assert RecoveryCode.objects.count() == second_factor.RECOVERY_CODES


def test_new_recovery_codes_are_ten_however_often_asked_for(colleague):
    actions.connect_device(colleague, secret=SECRET, step=1, instead_of=None)

    in_parallel(lambda number: actions.renew_recovery_codes(SecondFactor.objects.get()))

    assert RecoveryCode.objects.count() == second_factor.RECOVERY_CODES

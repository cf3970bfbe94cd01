"""SNILS at rest: unreadable, found by a hash, and still readable after a change of keys."""

import pytest
from cryptography.fernet import InvalidToken

from accounts import snils

NUMBER = "11223344595"  # an example of the Pension Fund's own leaflets, nobody's


def test_encrypted_number_comes_back():
    assert snils.decrypt(snils.encrypt(NUMBER)) == NUMBER


def test_stored_token_tells_nothing():
    tokens = {snils.encrypt(NUMBER) for _ in range(3)}

    assert len(tokens) == 3  # so equal numbers cannot be seen
    assert not any(NUMBER in token for token in tokens)


def test_hash_is_steady_and_keyed(settings):
    settings.SNILS_KEYS = ["one"]
    before = snils.lookup_hash(NUMBER)
    again = snils.lookup_hash(NUMBER)
    settings.SNILS_KEYS = ["another"]

    assert before == again
    assert len(before) == 64
    assert snils.lookup_hash(NUMBER) != before
    assert snils.lookup_hash("12345678964") != snils.lookup_hash(NUMBER)


def test_new_key_in_front_keeps_old_tokens_and_hashes(settings):
    settings.SNILS_KEYS = ["old"]
    token, lookup_hash = snils.encrypt(NUMBER), snils.lookup_hash(NUMBER)

    settings.SNILS_KEYS = ["new", "old"]

    assert snils.decrypt(token) == NUMBER
    assert snils.lookup_hash(NUMBER) == lookup_hash


def test_new_key_is_the_one_that_encrypts(settings):
    settings.SNILS_KEYS = ["new", "old"]
    token = snils.encrypt(NUMBER)

    settings.SNILS_KEYS = ["new"]

    assert snils.decrypt(token) == NUMBER


def test_lost_key_is_an_error_and_not_a_wrong_number(settings):
    settings.SNILS_KEYS = ["lost"]
    token = snils.encrypt(NUMBER)

    settings.SNILS_KEYS = ["other"]

    with pytest.raises(InvalidToken):
        snils.decrypt(token)

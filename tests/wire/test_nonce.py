"""Words that prove that we minted them."""

import hashlib

from conformance.wire.nonce import found, minted


def words(number):
    return [minted(hashlib.sha256(b"%d" % each).hexdigest()) for each in range(number)]


def test_a_word_of_ours_is_found_in_any_text():
    one, other = words(2)

    assert found(f"The code is {one}, not ({other}).") == [one, other]


def test_no_slip_of_a_single_digit_makes_another_word():
    for word in words(50):
        slips = [word[:at] + digit + word[at + 1 :] for at in range(16) for digit in "0123456789abcdef"]
        assert {each for slip in slips for each in found(slip)} == {word}


def test_what_is_longer_or_joined_to_letters_is_none():
    (word,) = words(1)

    assert found(f"{word}0 x{word} {word[:-1]}") == []

"""The table of transitions itself; what taking them does stands in test_transitions.py."""

import pytest

from requests_app.lifecycle import (
    APPEAL,
    FINAL_STATUSES,
    OPEN_STATUSES,
    STAFF_LABELS,
    TRANSITIONS,
    WHAT_NEXT,
    Actor,
    Status,
)

# The whole life of a request, written down a second time: who may do what, from where, and where it leads.
WAYS = {
    Actor.STAFF: {
        Status.REGISTERED: {"take": Status.IN_PROGRESS, "refuse": Status.REFUSED},
        Status.IN_PROGRESS: {
            "ask": Status.AWAITING_CONSUMER,
            "answer": Status.ANSWERED,
            "refuse": Status.REFUSED,
        },
        Status.AWAITING_CONSUMER: {"resume": Status.IN_PROGRESS, "refuse": Status.REFUSED},
        Status.ANSWERED: {"close": Status.CLOSED},
    },
    Actor.CONSUMER: {
        Status.REGISTERED: {"withdraw": Status.WITHDRAWN},
        Status.IN_PROGRESS: {"withdraw": Status.WITHDRAWN},
        Status.AWAITING_CONSUMER: {"supply": Status.IN_PROGRESS, "withdraw": Status.WITHDRAWN},
        Status.ANSWERED: {"accept": Status.CLOSED, "dispute": Status.IN_PROGRESS},
    },
}


@pytest.mark.parametrize("actor", Actor)
@pytest.mark.parametrize("status", Status)
def test_only_these_ways_lead_from_a_status(status, actor):
    ways = {transition.name: transition.target for transition in APPEAL.steps_from(status, actor)}

    assert ways == WAYS.get(actor, {}).get(status, {})


def test_names_are_unique_and_fit_into_the_history():
    names = [transition.name for transition in TRANSITIONS]

    assert len(set(names)) == len(names)
    assert max(map(len, names)) <= 10


def test_every_status_is_open_answered_or_final():
    assert sorted([*OPEN_STATUSES, Status.ANSWERED, *FINAL_STATUSES]) == sorted(Status)


def test_nothing_leads_out_of_a_final_status():
    assert not [transition for transition in TRANSITIONS if set(transition.sources) & set(FINAL_STATUSES)]


def test_statuses_in_constraints_are_sorted():
    """In another order they would make a migration that changes nothing."""
    assert sorted(OPEN_STATUSES) == OPEN_STATUSES
    assert sorted(FINAL_STATUSES) == FINAL_STATUSES


def test_the_consumer_is_told_what_is_next_in_every_status():
    assert set(WHAT_NEXT) == set(Status)


def test_staff_do_not_read_words_meant_for_the_consumer():
    spoken_to = [status for status in Status if "ваш" in status.label.lower()]

    assert set(spoken_to) <= set(STAFF_LABELS)


@pytest.mark.parametrize("transition", TRANSITIONS, ids=lambda transition: transition.name)
def test_a_needed_comment_has_its_own_label(transition):
    assert bool(transition.comment_label) == transition.needs_comment


def test_only_the_consumers_own_answer_brings_no_letter():
    assert [transition.name for transition in TRANSITIONS if not transition.news] == ["supply"]


def test_an_unknown_transition_is_an_error():
    with pytest.raises(KeyError):
        APPEAL.get("reopen")

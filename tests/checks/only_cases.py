"""Faults whose clause an invariant judges, and that only a case shows: it asks what nothing else asks."""

_COMPARED = "a case compares two answers"
_REFUSED = "a refusal keeps every invariant: a case says what must be taken"
ONLY_CASES = {
    "text-left-escaped": "a case knows the text that should have come",
    "text-read-as-latin-1": "a case knows the text that should have come",
    "question-marks-for-characters": "a case knows the text that should have come",
    "text-logprobs-want-a-boolean": _REFUSED,
    "one-token-uncounted-at-the-cap": "a case asks for an answer of one token",
    "large-cap-breaks-streams": "a case asks with a limit that is far away",
    "white-space-stops-nothing": "a case asks with a stop string of white space",
    "logprobs-empty-without-alternatives": "a case asks for log probabilities alone",
    "logprobs-lost-beside-tools": "a case asks for log probabilities beside tools",
    "text-held-back-beside-tools": "a case asks for a longer text beside tools",
    "full-context-says-nothing": "an empty answer looks like one: a case asks more than the context holds",
    "temperature-fixed": _REFUSED,
    "temperature-zero-refused": _REFUSED,
    "several-choices-need-a-temperature": _REFUSED,
    "only-the-last-image": _COMPARED,
    "images-in-two-messages-fail": "a case sends two images",
    "bodies-of-a-mebibyte-at-most": "a case sends a body of two megabytes",
}

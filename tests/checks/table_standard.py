"""Rows for standard.py: answers with more than the standard members, or under another name."""

from build import ASKED, bad, good, hello

WHOLE = {"system_fingerprint": "fp", "service_tier": "default"}

TABLE = {
    "standard_members": [
        good("few", hello()),
        good("more, all documented", hello(WHOLE)),
        good("reasoning beside the content", hello({"choices.0.message.reasoning_content": "Hm."})),
        good("details of the usage", hello({"usage.prompt_tokens_details": {"cached_tokens": 0}})),
        bad("times of its tokens", hello({"decode_times": [56, 28]})),
        bad("a reason of its own", hello({"choices.0.stop_reason": 2})),
        bad("a member of the message", hello({"choices.0.message.meta": {}})),
        bad("a member of the usage", hello({"usage.queue_time": 0.1})),
    ],
    "model_as_asked": [
        good("the same", hello({"model": "m"}, asked=ASKED)),
        bad("a path", hello({"model": "/models/m"}, asked=ASKED)),
        bad("dated", hello({"model": "m-2026-01-01"}, asked=ASKED)),
    ],
}

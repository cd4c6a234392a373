"""The text is cut at the stop string, for servers that run past it or leave it in.

For CREQ-030, CREQ-031, CRESP-015.
"""

from __future__ import annotations

from conformance.shims.mend import Json, Mend, choices, said


class StopCut(Mend):
    """Of whole answers. What the server wrote beyond it is paid for all the same."""

    stops: list[str]

    def ask(self, body: Json) -> Json:
        stop = body.get("stop") or []
        self.stops = [stop] if isinstance(stop, str) else stop
        return body

    def answer(self, body: Json) -> Json:
        for choice in choices(body):
            text = said(choice).get("content") or ""
            places = [text.find(stop) for stop in self.stops if stop in text]
            if places:
                said(choice)["content"] = text[: min(places)]
                choice["finish_reason"] = "stop"
        return body

"""HTTP for the adapter: which path, which method, and refusals in DeepSeek's words."""

from __future__ import annotations

import json
from collections.abc import Callable

from deepseek_recipe import ConversionError

from conformance.launchers.deepseek.adapter import Adapter
from conformance.reference.answer import Reply
from conformance.reference.app import Planned
from conformance.reference.ask import Json
from conformance.reference.dress import Connection, Pace, dress, frame, http_date
from conformance.reference.incoming import HttpRequest
from conformance.reference.memory import Arrival
from conformance.reference.refusal import Refusal

MODELS = ("DeepSeek-V4.1-Flash", "DeepSeek-V4-Pro")
_PACE = Pace(each=0.0005)
_PATHS = {
    "/v1/chat/completions": "POST",
    "/v1/responses": "POST",
    "/v1/models": "GET",
    **{f"/v1/models/{each}": "GET" for each in MODELS},
}


class Desk:
    """Answers requests as the adapter does; what the reference server's connections talk to."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._number = 0
        self._adapter = Adapter(clock)

    def respond(self, request: HttpRequest, arrival: Arrival) -> Planned:
        """Everything that will be sent in answer to a request."""
        try:
            return self._sent(self._answer(request), request)
        except Refusal as refusal:
            return self.refuse(request, refusal, arrival)

    def refuse(self, request: HttpRequest, refusal: Refusal, arrival: Arrival) -> Planned:
        """The answer to what is refused before the adapter sees it."""
        return self._sent(Reply(status=refusal.status, document=refusal.document), request)

    def abandoned(self, *, amid: bool = False) -> None:
        """Nothing depends on it here."""

    def _sent(self, reply: Reply, request: HttpRequest) -> Planned:
        self._number += 1
        common = (("Date", http_date(self._clock())), ("x-request-id", f"{self._number:08d}"))
        response = dress(reply, _PACE, common)
        how = Connection(
            keep_alive=request.keep_alive,
            http_1_0=request.version == "HTTP/1.0",
            head_only=request.method == "HEAD",
        )
        return Planned(frame(response, how), response.status, f"{self._number}")

    def _answer(self, request: HttpRequest) -> Reply:
        path = "/" + "/".join(each for each in request.path.split("/") if each)
        if path not in _PATHS:
            raise Refusal(f"Not found: {path}", status=404, code="not_found")
        if request.method != _PATHS[path]:
            raise Refusal(f"{path} takes {_PATHS[path]}", status=405, code="method_not_allowed")
        if path == "/v1/models":
            return Reply(document={"object": "list", "data": [*map(_model, MODELS)]})
        if path.startswith("/v1/models/"):
            return Reply(document=_model(path.removeprefix("/v1/models/")))
        try:
            chat = path == "/v1/chat/completions"
            return (self._adapter.chat if chat else self._adapter.responses)(request.body)
        except ConversionError as error:
            return Reply(status=error.status_code, document=json.loads(error.body))
        except ValueError as error:  # what the adapter cannot read; the hosted API's words for it
            raise Refusal(
                str(error).replace(
                    "invalid request body",
                    "Failed to deserialize the JSON body into the target type",
                ),
                code="invalid_request_error",
            ) from error


def _model(name: str) -> Json:
    return {"id": name, "object": "model", "owned_by": "deepseek"}

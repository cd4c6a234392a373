"""A request template and an endpoint's credentials to a request with headers, exactly as it is sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from conformance import __version__
from conformance.engine.address import address
from conformance.engine.directives import KEY, OMIT, Scene, dump, merged
from conformance.engine.limits import Bounds
from conformance.engine.transport import Outgoing
from conformance.errors import HarnessError
from conformance.plan.model import ADAPTED
from conformance.providers.model import Auth
from conformance.providers.secrets import Credentials
from conformance.suite.model import RequestTemplate
from conformance.wire.piece import Headers

USER_AGENT = f"llm-conformance/{__version__}"
_BEARER = "bearer "


@dataclass(frozen=True, slots=True, kw_only=True)
class Composer:
    """Writes the requests for one endpoint."""

    credentials: Credentials

    def request(
        self, template: RequestTemplate, scene: Scene, *, arm: str, bounds: Bounds
    ) -> Outgoing:
        """The request as it goes on the wire.

        Raises NotAnsweredError where an earlier answer lacks what it needs, HarnessError where
        the suite or providers.toml make it impossible.
        """
        provider = scene.provider
        body = _body(template, scene, arm)
        path = scene.text(template.path)
        wanted = {name: self._header(scene, each) for name, each in _kept(template.headers).items()}
        dropped = {name.lower() for name, each in template.headers.items() if each == OMIT}
        own_auth = "authorization" in dropped | {name.lower() for name in wanted}
        as_bearer = any(KEY in each for each in template.headers.values() if _is_table(each))
        headers, query = self._credentials(scene, wanted, forget=own_auth, moved=not as_bearer)
        place = address(provider.base_url, path, query)
        usual = [
            ("Host", place.authority),
            ("Accept", "application/json"),
            ("Accept-Encoding", "gzip, deflate"),
            ("User-Agent", USER_AGENT),
            *([] if body is None else [("Content-Type", "application/json")]),
            *headers,
        ]
        chunked = "transfer-encoding" in {name.lower() for name in wanted}
        if (body or template.method not in {"GET", "HEAD"}) and not chunked:
            usual.append(("Content-Length", str(len(body or b""))))
        return Outgoing(
            method=template.method,
            address=place,
            headers=_overridden(usual, wanted, dropped),
            body=body or b"",
            bounds=bounds,
            hang_up_after=template.hang_up_after,
        )

    def _header(self, scene: Scene, template: Any) -> Any:
        """A header's value; `$key` is the endpoint's own key after another word for the scheme."""
        if not (_is_table(template) and KEY in template):
            return scene.value(template)
        auth = scene.provider.auth
        held = (*self.credentials.headers, *self.credentials.query)
        key = next((value for name, value in held if _same(name, _carrier(auth))), "none")
        return f"{scene.text(template[KEY])} {_bare(key)}"

    def _credentials(
        self, scene: Scene, wanted: dict[str, Any], *, forget: bool, moved: bool
    ) -> tuple[list[tuple[str, str]], tuple[tuple[str, str], ...]]:
        """Headers and query parameters that convince the endpoint.

        A suite speaks of `Authorization`, whatever header or parameter the endpoint reads the key
        from: with `forget` its own key is left out, and the suite's goes where it belongs (`moved`),
        unless the case is about `Authorization` itself.
        """
        headers, query = list(self.credentials.headers), list(self.credentials.query)
        auth = scene.provider.auth
        if not forget or auth.kind == "none":
            return headers, tuple(query)
        carrier = _carrier(auth)
        kept = [pair for pair in headers if auth.kind == "query" or not _same(pair[0], carrier)]
        asked = [pair for pair in query if auth.kind != "query" or pair[0] != carrier]
        given = next((name for name in wanted if _same(name, "authorization")), None)
        if moved and given is not None and not _same(carrier, "authorization"):
            key = _bare(str(wanted.pop(given)))
            if auth.kind == "query":
                asked.append((carrier, key))
            else:
                kept.append((carrier, key))
        return kept, tuple(asked)


def _carrier(auth: Auth) -> str:
    """The header or query parameter that the endpoint reads its key from."""
    return auth.name if auth.kind in {"header", "query"} else "Authorization"


def _is_table(value: Any) -> bool:
    return isinstance(value, Mapping)


def _body(template: RequestTemplate, scene: Scene, arm: str) -> bytes | None:
    if template.raw is not None:
        return template.raw.encode(template.encoding, "surrogatepass")
    if template.body is None:
        return None
    body: Mapping[str, Any] = template.body
    known = scene.provider.fragments
    helped = template.fragments if arm == ADAPTED else ()
    body = merged(body, [known[name] for name in (*helped, *template.words) if name in known])
    return dump(scene.value(body))


def _kept(headers: Mapping[str, Any]) -> dict[str, Any]:
    return {name: each for name, each in headers.items() if each != OMIT}


def _overridden(
    usual: list[tuple[str, str]], wanted: Mapping[str, Any], dropped: set[str]
) -> Headers:
    """The usual headers with the suite's in their places, new ones at the end."""
    replaced = dropped | {name.lower() for name in wanted}
    kept = [(name, value) for name, value in usual if name.lower() not in replaced]
    given = [(name, _one_line(name, str(value))) for name, value in wanted.items()]
    return (*kept, *given)


def _one_line(name: str, value: str) -> str:
    if any(character in value for character in "\r\n\0"):
        raise HarnessError(f"header {name} holds a line end: HTTP cannot carry it")
    return value


def _same(name: str, other: str) -> bool:
    return name.lower() == other.lower()


def _bare(value: str) -> str:
    return value[len(_BEARER) :] if value.lower().startswith(_BEARER) else value

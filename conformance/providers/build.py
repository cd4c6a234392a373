"""A provider from its checked values, over those of its preset."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from conformance.errors import did_you_mean
from conformance.providers.model import (
    Auth,
    Deviation,
    Launch,
    Limits,
    Prices,
    Provider,
    Tls,
)
from conformance.providers.places import Path as KeyPath
from conformance.providers.preset import load_preset, merge, own_auth, preset_names
from conformance.providers.references import expand, references
from conformance.providers.strict import Reader
from conformance.providers.url import url_flaw

FORBIDDEN_HEADERS = frozenset(
    {"host", "content-length", "content-type", "transfer-encoding", "connection", "accept-encoding"}
)
"""Headers that frame the request: the harness sets them, or a case does."""
NO_KEY = "EMPTY"
"""What a server that checks no keys is given by convention, because clients insist on some."""


def build(
    name: str,
    own: Mapping[str, Any],
    reader: Reader,
    folder: Path,
    environ: Mapping[str, str],
) -> Provider:
    """The provider. Raises SourceError for what is wrong only as a whole."""
    at: KeyPath = ("providers", name)
    values = _over_preset(own, reader, at)
    launch = _launch(values.get("launch"), reader, at, folder)
    deviations = values.get("deviations", ())
    auth = _auth(values, own, reader, at)
    headers, query = _headers(values, reader, at), values.get("query", {})
    # A server that is given no key in any way is taken for one that asks for none.
    no_key = auth.kind == "none" or expand(auth.key, environ).text == NO_KEY
    keyless = no_key and not headers and not query
    return Provider(
        name=name,
        base_url=_base_url(values, launch, reader, at, environ),
        where=reader.places.of(at),
        preset=values.get("preset", ""),
        model=_model(values, environ),
        models={
            kind: expand(each, environ).text for kind, each in values.get("models", {}).items()
        },
        auth=auth,
        headers=headers,
        query=query,
        tls=_tls(values.get("tls", {}), reader, at, folder, environ),
        capabilities={**({"auth": False} if keyless else {}), **values.get("capabilities", {})},
        fragments=values.get("fragments", {}),
        limits=Limits(**values.get("limits", {})),
        prices=Prices(**values["prices"]) if "prices" in values else None,
        jurisdiction=values.get("jurisdiction", ""),
        deviations=tuple(
            Deviation(**each, where=reader.places.of((*at, "deviations", place)))
            for place, each in enumerate(deviations)
        ),
        accepted_changes=_accepted(values, reader, at),
        certify=values.get("certify", ()),
        launch=launch,
        floor_from=values.get("floor_from", ""),
        noise_floor=values.get("noise_floor"),
    )


def _over_preset(own: Mapping[str, Any], reader: Reader, at: KeyPath) -> dict[str, Any]:
    if "api_key" in own and "key" in own.get("auth", {}):
        reader.fail((*at, "api_key"), "and auth.key are the same thing", "keep one of them")
    name = own.get("preset")
    if name is None:
        return merge({}, own)
    if name not in preset_names():
        hint = did_you_mean(name, preset_names())
        reader.fail(
            (*at, "preset"),
            f"is {name!r}, which is no preset{hint}",
            f"known: {', '.join(preset_names())}",
        )
    return merge(load_preset(name).values, own)


def _base_url(
    values: Mapping[str, Any],
    launch: Launch | None,
    reader: Reader,
    at: KeyPath,
    environ: Mapping[str, str],
) -> str:
    if "base_url" not in values:
        reader.fail(at, "lacks base_url", 'base_url = "http://127.0.0.1:8000/v1"')
    expanded = expand(values["base_url"], environ)
    if not expanded.missing:
        where = (*at, "base_url")
        if problem := url_flaw(expanded.text, launched=launch is not None):
            via = f" (with the value of {', '.join(expanded.used)})" if expanded.used else ""
            reader.fail(where, problem + via)
        if launch and (problem := _port_flaw(expanded.text, launch.port)):
            reader.fail(where, problem, "write {port} in it, and in launch.command")
    return expanded.text.rstrip("/")


def _port_flaw(url: str, fixed: int | None) -> str:
    """What is wrong between the URL of a server that we start and the port it gets."""
    if "{port}" in url:
        return ""
    port = urlsplit(url).port
    if port is None:
        return "does not say on which port the launched server listens"
    return "" if fixed in {None, port} else f"names port {port}, but launch.port is {fixed}"


def _model(values: Mapping[str, Any], environ: Mapping[str, str]) -> str | None:
    return expand(values["model"], environ).text if values.get("model") else None


def _auth(values: Mapping[str, Any], own: Mapping[str, Any], reader: Reader, at: KeyPath) -> Auth:
    auth = values.get("auth", {})
    where = (*at, "auth") if "auth" in own else (*at, "api_key")
    kind = auth.get("kind") or (
        "bearer" if "key" in auth else "command" if "command" in auth else "none"
    )
    needs = {
        "bearer": {"key"},
        "header": {"name", "key"},
        "query": {"name", "key"},
        "command": {"command"},
    }
    needed = needs.get(kind, set())
    for missing in sorted(needed - auth.keys()):
        reader.fail(where, f"of kind {kind} lacks {missing!r}", _AUTH_EXAMPLES[kind])
    for surplus in sorted(auth.keys() - needed - {"kind"}):
        reader.fail(where, f"of kind {kind} has no use for {surplus!r}", _AUTH_EXAMPLES[kind])
    if "api_key" in own and not own_auth(own)["key"]:
        reader.fail(where, "is empty")
    return Auth(**{**auth, "kind": kind})


_AUTH_EXAMPLES = {
    "bearer": 'auth = {kind = "bearer", key = "${VAR}"}',
    "header": 'auth = {kind = "header", name = "api-key", key = "${VAR}"}',
    "query": 'auth = {kind = "query", name = "key", key = "${VAR}"}',
    "command": 'auth = {kind = "command", command = ["print-token", "--quiet"]}',
    "none": 'auth = {kind = "none"}',
}


def _headers(values: Mapping[str, Any], reader: Reader, at: KeyPath) -> Mapping[str, str]:
    headers: Mapping[str, str] = values.get("headers", {})
    auth = own_auth(values)
    taken = {"bearer": "authorization", "header": auth.get("name", "").lower()}
    kind = auth.get("kind", "bearer" if "key" in auth else "none")
    for name, value in headers.items():
        where = (*at, "headers", name)
        if name.lower() in FORBIDDEN_HEADERS:
            reader.fail(where, "is set by the harness itself")
        if name.lower() == taken.get(kind):
            reader.fail(where, f"is already what auth of kind {kind} sends", "keep one of them")
        if any(ord(c) < 32 or ord(c) == 127 for c in value):  # noqa: PLR2004  # ASCII's controls
            reader.fail(where, "holds a control character")
    return headers


def _tls(
    values: Mapping[str, Any],
    reader: Reader,
    at: KeyPath,
    folder: Path,
    environ: Mapping[str, str],
) -> Tls:
    given = dict(values)
    for name in ("ca_bundle", "client_certificate", "client_key"):
        if name not in given:
            continue
        text = expand(given[name], environ).text
        given[name] = _absolute(text, reader, (*at, "tls", name), folder)
    if "client_key" in given and "client_certificate" not in given:
        reader.fail((*at, "tls", "client_key"), "is of no use without tls.client_certificate")
    return Tls(**given)


def _launch(
    values: Mapping[str, Any] | None, reader: Reader, at: KeyPath, folder: Path
) -> Launch | None:
    if values is None:
        return None
    if "command" not in values:
        reader.fail(
            (*at, "launch"), "lacks 'command'", 'command = ["my-server", "--port", "{port}"]'
        )
    log = values.get("log", "")
    where = (*at, "launch", "log")
    return Launch(**{**values, "log": log and _absolute(log, reader, where, folder)})


def _absolute(text: str, reader: Reader, where: KeyPath, folder: Path) -> str:
    try:
        return str(folder / Path(text).expanduser())
    except RuntimeError:
        reader.fail(
            where, "begins with ~, but there is no such home folder", "write the whole path"
        )


def _accepted(values: Mapping[str, Any], reader: Reader, at: KeyPath) -> tuple[str, ...]:
    accepted: tuple[str, ...] = values.get("accepted_changes", ())
    known = values.get("fragments", {})
    for place, name in enumerate(accepted):
        if name not in known and "/" not in name:  # a case whose other way the code follows already
            listed = ", ".join(known) or "none"
            reader.fail(
                (*at, "accepted_changes", place),
                f"is {name!r}, but this provider has no such fragment{did_you_mean(name, known)}",
                f"fragments: {listed}",
            )
    return accepted


def unresolved(provider: Provider) -> tuple[str, ...]:
    """Variables that the URL, a model or a path still needs."""
    tls = provider.tls
    texts = [
        provider.base_url,
        provider.model or "",
        *provider.models.values(),
        *(each or "" for each in (tls.ca_bundle, tls.client_certificate, tls.client_key)),
    ]
    return tuple(name for text in texts for name in references(text))

"""One pair: both products served, the candidate asked beside the application's as its baseline."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from conformance.engine.limits import Terms
from conformance.faces.certificates.expected import PROFILES, REFERENCE
from conformance.plan.build import every_variant
from conformance.providers.load import builtin_providers
from conformance.providers.model import Auth, Limits, Provider
from conformance.providers.preset import load_preset
from conformance.reference.personas import load_persona, persona_names
from conformance.reference.serve import ServeOptions, load_faults
from conformance.reference.testing import running
from conformance.runs.choose import Chosen
from conformance.runs.performance import Performance, every_pair
from conformance.runs.settings import Settings
from conformance.runs.toolbox import Toolbox, packaged_suites, read_suites, toolbox
from conformance.suite.model import Suite
from conformance.verdict.assemble import Wanted
from conformance.verdict.model import Answer, Certificate, Run

_KEY = "key-of-a-persona"
_LIMITS = Limits(concurrency=16, retries=0, context_tokens=32_768)
"""Those of the reference server, which every persona is; nothing is tried again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What a certificate said."""

    application: str
    candidate: str
    profile: str
    answer: Answer
    reasons: tuple[str, ...]
    """What speaks against a better answer: clause or case, and what is wrong."""
    changes: tuple[str, ...]

    @property
    def name(self) -> str:
        """Of the question."""
        return f"{self.application} -> {self.candidate}, {self.profile}"


@cache
def tools() -> Toolbox:
    """The toolbox of this process, with the profiles of the pairs."""
    return toolbox(PROFILES)


@cache
def suites() -> tuple[Suite, ...]:
    """The packaged suites."""
    return tuple(read_suites(tools(), packaged_suites()))


def products() -> tuple[str, ...]:
    """What an application may work on, and move to."""
    load_faults()
    return (REFERENCE, *persona_names())


def everything(_cell: str) -> bool:
    """The choice that leaves nothing out."""
    return True


def ask_pair(
    application: str,
    candidate: str,
    profiles: Sequence[str],
    chosen: Callable[[str], bool] = everything,
) -> list[Given]:
    """What the certificates of the candidate say, at normal effort; `chosen` leaves cells out."""
    load_faults()
    with (
        tempfile.TemporaryDirectory() as folder,
        _served(application) as there,
        _served(candidate) as here,
    ):
        run = _run(Path(folder), there, here, profiles, chosen)
    (result,) = (one for one in run.providers if one.name == candidate)
    return [_given(one, application) for one in result.certificates]


def _run(
    folder: Path,
    there: Provider,
    here: Provider,
    profiles: Sequence[str],
    chosen: Callable[[str], bool],
) -> Run:
    providers = {one.name: one for one in (there, here)}
    performance = Performance(
        Chosen(providers=providers, baseline=there.name),
        tools(),
        Settings(reports=folder, terms=Terms(), formats=("json",), clients=False),
        Wanted(named={here.name: profiles}),
    )
    prepared = [performance.prepare(suite) for suite in suites()]
    tried = filter(performance.asks, every_variant(prepared))
    performance.start({pair for pair in every_pair(tried, providers) if chosen(pair[0])})
    performance.wait()
    run = performance.finish(complete=True)
    assert run is not None  # it was started
    return run


def _given(one: Certificate, application: str) -> Given:
    return Given(
        application=application,
        candidate=one.provider,
        profile=one.profile,
        answer=one.answer,
        reasons=tuple(f"{each.clause} ({each.kind}): {each.text}" for each in one.reasons),
        changes=tuple(each.text for each in one.changes),
    )


@contextmanager
def _served(name: str) -> Iterator[Provider]:
    """A product, meanwhile, as the provider that its preset makes of it."""
    persona = "" if name == REFERENCE else name
    with running(ServeOptions(port=0, key=_KEY, persona=persona)) as url:
        yield _clean(url) if name == REFERENCE else as_provider(name, url)


def _clean(url: str) -> Provider:
    known = builtin_providers()[REFERENCE]
    return replace(known, base_url=url, launch=None, auth=_auth(), limits=_LIMITS)


def as_provider(name: str, url: str) -> Provider:
    """What an entry of providers.toml says that names the persona's preset, address and models."""
    persona = load_persona(name)
    values = load_preset(persona.preset).values
    return Provider(
        name=name,
        base_url=url,
        where=f"persona {name}",
        preset=persona.preset,
        model=persona.model,
        models={"reasoning": persona.reasoning},
        auth=_auth(),
        capabilities=values["capabilities"],
        fragments=values.get("fragments", {}),
        limits=_LIMITS,
    )


def _auth() -> Auth:
    return Auth(kind="bearer", key=f"${{CONFORMANCE_PERSONA_KEY:-{_KEY}}}")

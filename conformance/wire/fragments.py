"""Tool-call fragments put together again, whatever became of their indexes, ids and names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from conformance.wire import jsontext
from conformance.wire.completion import ToolCall, callee_of
from conformance.wire.members import Members, joined

_OWN = frozenset({"index", "id", "type", "function", "custom", "name", "arguments"})


class Brackets:
    """Whether text fed piecemeal is, by its brackets, one whole object. Linear in its length."""

    def __init__(self) -> None:
        self._depth = 0
        self._quoted = False
        self._escaped = False
        self.closed = False
        """Something was opened, and everything that was opened is closed."""

    def feed(self, text: str) -> None:
        """Read on."""
        for character in text:
            if self._escaped:
                self._escaped = False
            elif self._quoted:
                self._escaped = character == "\\"
                self._quoted = character != '"'
            elif character == '"':
                self._quoted = True
            elif character in "{[":
                self._depth += 1
                self.closed = False
            elif character in "}]":
                self._depth -= 1
                self.closed = self._depth <= 0


@dataclass(slots=True)
class Call:
    """One tool call while its fragments come in."""

    index: Any
    id: Any = None
    type: Any = None
    name: Any = None
    texts: list[str] = field(default_factory=list)
    """The arguments as far as they came as text, without empty fragments."""
    other: Any = None
    """Arguments that came as something other than text."""
    spoken: bool = False
    """Arguments were there, if only as an empty text."""
    custom: bool = False
    extras: Members = field(default_factory=Members)
    """Members that some servers want to see again (thought signatures)."""
    brackets: Brackets = field(default_factory=Brackets)
    first_whole: str | None = None
    """The arguments when their brackets closed for the first time."""

    @property
    def complete(self) -> bool:
        """Its arguments are whole, so that more of them can only be another call's."""
        return self.other is not None or self.first_whole is not None

    def take(self, fragment: dict[str, Any]) -> None:
        """Add what a fragment says."""
        callee, member = callee_of(fragment)
        self.custom = self.custom or member == "input"
        self.id = self.id or fragment.get("id")
        self.type = self.type or fragment.get("type")
        self._take_name(callee.get("name"))
        self._take_arguments(callee.get(member))
        self.extras.take({key: one for key, one in fragment.items() if key not in _OWN})

    def _take_name(self, name: Any) -> None:
        """Said once, said again, said again but longer, or said in parts."""
        if not self.name:
            self.name = self.name if name is None else name
        elif isinstance(name, str) and isinstance(self.name, str):
            self.name = name if name.startswith(self.name) else self.name + name

    def _take_arguments(self, arguments: Any) -> None:
        if isinstance(arguments, str):
            self.spoken = True
            if arguments:
                self.texts.append(arguments)
                self.brackets.feed(arguments)
                if self.brackets.closed and self.first_whole is None:
                    self.first_whole = joined(self.texts)
        elif arguments is not None:
            self.other = arguments

    @property
    def arguments(self) -> Any:
        """The text that was meant; where none came, whatever else did."""
        if self.texts:
            return meant_text(self.texts)
        if self.other is not None:
            return self.other
        return "" if self.spoken else None

    def goes_on_with(self, fragment: dict[str, Any], *, foreign: bool) -> bool:
        """Whether a fragment belongs to this call rather than to a new one.

        Only what names a function begins a call. `foreign`: it has another id or index than this
        call, which alone proves nothing: some servers make up new ones for every fragment.
        """
        callee, member = callee_of(fragment)
        name, arguments = callee.get("name"), callee.get(member)
        if not name:
            return True
        if self.complete:
            repeats = not arguments or arguments in (self.first_whole, self.other)
            return repeats and name == self.name and not foreign
        if name == self.name:
            return bool(self.texts) or not foreign
        # another name: a part of one, unless it has to be another call's
        return not self.texts and not foreign

    def as_value(self) -> ToolCall:
        """The call as checks see it."""
        return ToolCall(
            index=self.index,
            id=self.id,
            type=self.type,
            name=self.name,
            arguments=self.arguments,
        )

    def as_message(self) -> dict[str, Any]:
        """The call as it would be sent back; what is usual is filled in where nothing was said."""
        arguments = "" if self.arguments is None else self.arguments
        call: dict[str, Any] = {} if self.id is None else {"id": self.id}
        call["type"] = self.type or ("custom" if self.custom else "function")
        if self.custom:
            call["custom"] = {"name": self.name, "input": arguments}
        else:
            call["function"] = {"name": self.name, "arguments": arguments}
        return self.extras.value() | call


class Calls:
    """The tool calls of one choice: decides which call a fragment belongs to."""

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self._by_index: dict[int, Call] = {}
        self._by_id: dict[str, Call] = {}

    def take(self, fragment: dict[str, Any]) -> None:
        """Add a fragment to its call, or begin a new one with it."""
        index, identity = fragment.get("index"), fragment.get("id")
        place = index if isinstance(index, int) and not isinstance(index, bool) else None
        identity = identity if isinstance(identity, str) and identity else None
        call = self._owner(fragment, place, identity)
        if call is None:
            call = Call(index=index)
            self.calls.append(call)
        call.take(fragment)
        if place is not None:
            self._by_index[place] = call
        if identity is not None:
            self._by_id[identity] = call

    def _owner(
        self, fragment: dict[str, Any], place: int | None, identity: str | None
    ) -> Call | None:
        """The call that a fragment goes on with; None where it begins one."""
        here = None if place is None else self._by_index.get(place)
        known = None if identity is None else self._by_id.get(identity)
        call = here if here is not None and here.id == identity else known or here
        if call is None and self.calls and (place is None or identity is None):
            if place is not None and not _only_goes_on(fragment):
                return None
            call = self.calls[-1]
        if call is None:
            return None
        other_id = identity is not None and call.id is not None and identity != call.id
        other_place = place is not None and here is None
        foreign = other_id or other_place
        return call if call.goes_on_with(fragment, foreign=foreign) else None


def _only_goes_on(fragment: dict[str, Any]) -> bool:
    """Arguments without a name: under a new index it can only be one that drifted."""
    callee, member = callee_of(fragment)
    return not callee.get("name") and bool(callee.get(member))


def meant_text(texts: Sequence[str]) -> str:
    """Arguments from their fragments: one after the other, unless only another reading is JSON.

    Servers also send the whole again at the end, everything so far in each fragment, or `{}`
    before the arguments themselves.
    """
    everything = joined(texts)
    if len(texts) == 1 or _is_object(everything):
        return everything
    last = texts[-1]
    grows = all(after.startswith(before) for before, after in pairwise(texts))
    if (grows or joined(texts[:-1]) == last) and _is_object(last):
        return last
    rest = joined(texts[1:])
    if texts[0] == "{}" and _is_object(rest):
        return rest
    return everything


def _is_object(text: str) -> bool:
    value, ok = jsontext.quick(text)
    return ok and isinstance(value, dict)

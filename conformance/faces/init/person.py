"""Somebody at the terminal, or nobody."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from conformance.errors import UsageError

Flaw = Callable[[str], str]
"""What is wrong with an answer; empty where nothing is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Answers what no option says. Where nobody is there, that is wrong use, and names the option."""

    there: bool
    """The standard input is a terminal."""
    hurried: bool
    """`--yes`: every proposal is taken."""

    def say(self, question: str, option: str, flaw: Flaw, *, default: str = "") -> str:
        """An answer without a flaw. Raises UsageError where there is nobody to give one."""
        if default and (self.hurried or not self.there):
            return default
        if not self.there:
            raise UsageError(
                f"{option} is missing, and there is nobody to ask (the input is no terminal)"
            )
        while True:
            answer = self._line(f"{question} [{default}]: " if default else f"{question}: ")
            found = answer or default
            problem = flaw(found) if found else "is needed"
            if not problem:
                return found
            print(f"  that {problem}")

    def agrees(self, question: str, *, usually: bool) -> bool:
        """Yes or no; without anybody there, what `--yes` says."""
        if self.hurried or not self.there:
            return self.hurried or usually
        answer = self._line(f"{question} [{'Y/n' if usually else 'y/N'}]: ").casefold()
        return answer.startswith("y") if answer else usually

    def _line(self, prompt: str) -> str:
        try:
            return input(prompt).strip()
        except EOFError:
            raise UsageError("the answers ended; nothing was written") from None

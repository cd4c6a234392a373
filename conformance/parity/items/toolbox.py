"""Tools that items offer, each with prompts that need it and the arguments that are right then."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from conformance.parity.items.model import ABSENT

Number = Callable[[int, int], int]
Of = Callable[[Sequence[str]], str]
Asked = tuple[str, dict[str, tuple[Any, ...]]]

_CITIES = (
    "Oslo", "Rome", "Cairo", "Paris", "Berlin", "Madrid", "Lima", "Delhi", "Tokyo", "Quito", "Dublin",
    "Athens", "Lisbon", "Vienna", "Prague", "Warsaw", "Helsinki", "Nairobi", "Sydney", "Toronto",
)  # fmt: skip
_PEOPLE = ("Ada", "Ben", "Cleo", "Dan", "Eve", "Finn", "Gus", "Hana")
_CURRENCIES = ("EUR", "USD", "JPY", "GBP", "CHF")
_LETTERS = tuple("ABCDEFGHKLMNPRSTVXZ")
_ROOMS = ("kitchen", "hall", "office", "bedroom")


@dataclass(frozen=True, slots=True)
class Tool:
    """A function on offer, and how a prompt that needs it is made."""

    name: str
    about: str
    properties: Mapping[str, Mapping[str, Any]]
    required: tuple[str, ...]
    asked: Callable[[Number, Of], Asked]

    def schema(self) -> dict[str, Any]:
        """As a request offers it."""
        parameters = {
            "type": "object",
            "properties": {name: dict(each) for name, each in self.properties.items()},
            "required": list(self.required),
            "additionalProperties": False,
        }
        told = {"name": self.name, "description": self.about, "parameters": parameters}
        return {"type": "function", "function": told}


def _weather(_number: Number, of: Of) -> Asked:
    city = of(_CITIES)
    return f"What is the weather in {city} right now, in celsius?", {
        "city": (city,),
        "unit": ("celsius", ABSENT),
    }


def _stock(_number: Number, of: Of) -> Asked:
    symbol = "".join(of(_LETTERS) for _ in range(4))
    return f"What is the current stock price of {symbol}?", {"symbol": (symbol,)}


def _convert(number: Number, of: Of) -> Asked:
    amount, one = number(5, 900), of(_CURRENCIES)
    other = of([each for each in _CURRENCIES if each != one])
    return f"Convert {amount} {one} to {other} at today's rate.", {
        "amount": (amount,),
        "source": (one,),
        "target": (other,),
    }


def _email(number: Number, of: Of) -> Asked:
    who, room = of(_PEOPLE), number(100, 499)
    subject = f"Room {room}"
    to = f"{who.lower()}@example.com"
    return f'Send an email to {to} with the subject "{subject}" and the text "See you there."', {
        "to": (to,),
        "subject": (subject,),
        "text": ("See you there.",),
    }


def _timer(number: Number, _of: Of) -> Asked:
    minutes = number(2, 90)
    return f"Set a timer for {minutes} minutes.", {"minutes": (minutes,)}


def _light(number: Number, of: Of) -> Asked:
    room, level = of(_ROOMS), number(1, 100)
    return f"Dim the light in the {room} to {level} percent.", {"room": (room,), "level": (level,)}


_TEXT, _INTEGER = {"type": "string"}, {"type": "integer"}

BOX = (
    Tool(
        "get_weather",
        "The weather in a city at this moment.",
        {"city": _TEXT, "unit": {"type": "string", "enum": ["celsius", "fahrenheit"]}},
        ("city",),
        _weather,
    ),
    Tool("get_stock_price", "The latest price of a share.", {"symbol": _TEXT}, ("symbol",), _stock),
    Tool(
        "convert_currency",
        "Convert an amount of money from one currency to another.",
        {"amount": {"type": "number"}, "source": _TEXT, "target": _TEXT},
        ("amount", "source", "target"),
        _convert,
    ),
    Tool(
        "send_email",
        "Send an email to an address.",
        {"to": _TEXT, "subject": _TEXT, "text": _TEXT},
        ("to", "subject", "text"),
        _email,
    ),
    Tool("set_timer", "Start a timer.", {"minutes": _INTEGER}, ("minutes",), _timer),
    Tool(
        "set_light",
        "Set the brightness of the light in a room, in percent.",
        {"room": {"type": "string", "enum": list(_ROOMS)}, "level": _INTEGER},
        ("room", "level"),
        _light,
    ),
)

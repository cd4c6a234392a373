"""Things the model knows by heart."""

from __future__ import annotations

LISTS: dict[str, tuple[str, ...]] = {
    "fruit": ("apple", "banana", "cherry", "grape", "lemon", "mango", "orange", "peach", "pear", "plum"),
    "color": ("red", "blue", "green", "yellow", "purple", "orange", "black", "white", "brown", "pink"),
    "colour": ("red", "blue", "green", "yellow", "purple", "orange", "black", "white", "brown", "pink"),
    "animal": ("cat", "dog", "horse", "cow", "sheep", "lion", "tiger", "bear", "wolf", "fox"),
    "city": ("Oslo", "Rome", "Cairo", "Paris", "Berlin", "Madrid", "Lima", "Delhi", "Tokyo", "Quito"),
    "country": ("Norway", "Italy", "Egypt", "France", "Germany", "Spain", "Peru", "India", "Japan"),
    "planet": ("Mercury", "Venus", "Earth", "Mars", "Jupiter", "Saturn", "Uranus", "Neptune"),
    "month": ("January", "February", "March", "April", "May", "June", "July", "August", "September",
              "October", "November", "December"),
    "day": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    "season": ("spring", "summer", "autumn", "winter"),
    "letter": tuple("abcdefghijklmnopqrstuvwxyz"),
    "name": ("Ada", "Ben", "Cleo", "Dan", "Eve", "Finn", "Gus", "Hana", "Ivo", "Juno"),
    "word": ("river", "stone", "cloud", "garden", "window", "silver", "forest", "candle", "bridge",
             "harbor", "meadow", "lantern", "ocean", "thunder", "violet", "winter"),
    "language": ("English", "Spanish", "Mandarin", "Hindi", "Arabic", "French", "Portuguese"),
}  # fmt: skip
"""By the singular of what is asked for."""

CAPITALS = {
    "france": "Paris", "germany": "Berlin", "italy": "Rome", "spain": "Madrid", "norway": "Oslo",
    "sweden": "Stockholm", "denmark": "Copenhagen", "finland": "Helsinki", "japan": "Tokyo",
    "china": "Beijing", "egypt": "Cairo", "peru": "Lima", "portugal": "Lisbon", "austria": "Vienna",
    "greece": "Athens", "poland": "Warsaw", "canada": "Ottawa", "australia": "Canberra",
    "brazil": "Brasília", "england": "London", "the united kingdom": "London", "ireland": "Dublin",
    "the united states": "Washington, D.C.", "india": "New Delhi", "switzerland": "Bern",
    "the netherlands": "Amsterdam", "belgium": "Brussels", "kenya": "Nairobi", "chile": "Santiago",
}  # fmt: skip

NUMBER_WORDS = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven",
    "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
)  # fmt: skip
TENS = ("zero", "ten", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")

JOKES = (
    "Why did the socket stay calm? It had a good connection.",
    "Why was the JSON so quiet? It had no trailing comma to add.",
    "I told my cache a joke. It has been repeating it ever since.",
    "Why do streams never get lost? They always know what comes next.",
    "Two bytes meet. One asks: are you well? The other: no, I feel a bit off.",
    "Why did the token cross the road? To reach the other context.",
)

OPENINGS = (
    "Once upon a time there was a lighthouse keeper who counted the waves.",
    "In a small town by the sea, an old clock had begun to run backwards.",
    "Long ago, when maps still had white corners, a girl set out with a lantern.",
    "On the last train of the evening, a fox sat down beside a painter.",
    "Nobody in the valley had seen snow for a hundred years.",
    "Every morning before sunrise a baker carried bread over the stone bridge.",
    "When the market closed, a white heron walked between the empty stalls.",
    "There was once a street so narrow that two umbrellas could not pass.",
    "Far in the north, a red boat lay upside down on the beach.",
    "It was the coldest night of the year, and the owl could not sleep.",
    "A letter without a name arrived at the harbor one day in spring.",
    "Behind the old theatre a cat kept watch over a green door.",
    "The tailor of Lisbon owned a single blue thread.",
    "At the edge of the city, where the trams turn, lived a clockmaker.",
    "Some say that the river remembers every stone that was thrown into it.",
)

WHO = ("the keeper", "the girl", "the old captain", "a quiet stranger", "the painter", "the fox")
DID = ("walked along", "looked across", "told a tale about", "slept beside", "dreamed of", "drew")
WHAT = ("the harbor", "the silver river", "the stone bridge", "a forest of lanterns", "the hill")
HOW = ("in the morning", "without a word", "until the stars came out", "as if it were new", "again")

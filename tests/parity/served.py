"""Simulated endpoints behind a real socket: chat completions with known differences, for whole audits."""

import json
import threading
import zlib
from collections import Counter
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np

from conformance.parity.model import Ask, Settings, StageName
from conformance.parity.simulated import endpoint, world

WORLD = world(5, mid=60, high=60, low=20)
COUNTED = []
"""Of each server that is up, how often each body was answered: emptied before each test."""


def built(**about):
    """An endpoint over the one world of all tests."""
    return endpoint(WORLD, "one", about.pop("seed", 1), **about)


@contextmanager
def served(of, *, extra=0, seed=0, width=20, hook=lambda _body: None, think=None, named=lambda _body: {}, listing=()):
    """Its base URL. `extra`: hidden prompt tokens; `width`: top_logprobs allowed, 0 for none.

    `named(body)`: who it says answered; `listing`: more of its entry in /models.

    `hook(body)` may give a status that is answered instead; `think`: one of THINK, how it shows
    that the first 32 tokens of each answer are thoughts.
    """
    lock, log, times = threading.Lock(), [], Counter()
    COUNTED.append(times)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1  # head and body in one segment: else each answer waits for an acknowledgement

        def do_GET(self):
            self._send(200, {"object": "list", "data": [{"id": "m", "object": "model", **dict(listing)}]})

        def do_POST(self):
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            log.append(body)
            status = hook(body) or (400 if body.get("top_logprobs", 0) > width else 200)
            if status != 200:
                return self._send(status, {"error": {"message": "no", "type": "invalid_request_error"}})
            with lock:  # the nth answer to the same body is the same whatever comes in between
                key = zlib.crc32(json.dumps(body).encode())
                times[key] += 1
                said = of.answer(asked(body), np.random.default_rng([seed, key, times[key]]))
            return self._send(200, THINK[think]({**completion(body, said, extra), **named(body)}))

        def _send(self, status, data):
            out = json.dumps(data).encode()
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(out)))
            self.end_headers()
            self.wfile.write(out)

        def log_message(self, *_):
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        request_queue_size = 64

        def handle_error(self, *_):
            """A client that hangs up is nobody's fault."""

    server = Server(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/v1", log
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
        COUNTED[:] = [each for each in COUNTED if each is not times]


def asked(body):
    """A request as an ask: each text has its own row of the world."""
    text = json.dumps(body["messages"])
    settings = Settings(
        max_tokens=body["max_tokens"], temperature=body["temperature"], top_p=body["top_p"],
        top_k=body.get("top_k"), top_logprobs=body.get("top_logprobs"),
    )
    prompt = WORLD.prompts[zlib.crc32(text.encode()) % len(WORLD.prompts)]
    return Ask(stage=StageName.LOGPROBS, prompt=prompt, order=0, settings=settings)


def completion(body, said, extra):
    """The answer as a server writes it."""
    prompt = sum(len(each["content"].split()) + 4 for each in body["messages"]) + extra
    content = [
        {**entry(each), "top_logprobs": [entry(one) for one in each.top]} for each in said.positions
    ]
    return {
        "id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": "m",
        "choices": [{
            "index": 0, "message": {"role": "assistant", "content": said.text},
            "logprobs": {"content": content} if content else None, "finish_reason": "length",
        }],
        "usage": {
            "prompt_tokens": prompt, "completion_tokens": said.completion_tokens,
            "total_tokens": prompt + said.completion_tokens,
        },
    }  # fmt: skip


def _apart(thoughts, rest):
    return {"content": rest or None, "reasoning_content": thoughts}


def _inside(thoughts, rest):
    return {"content": f"<think>\n{thoughts}" + (f"\n</think>\n\n{rest}" if rest else "")}


def _hidden(_thoughts, rest):
    return {"content": rest}


def _thinking(how):
    def told(answer):
        (choice,) = answer["choices"]
        words = choice["message"]["content"].split(" ")
        message = how(" ".join(words[:32]), " ".join(words[32:]))
        lists = choice["logprobs"] and {"content": choice["logprobs"]["content"][32:]}
        return {**answer, "choices": [{**choice, "message": {"role": "assistant", **message}, "logprobs": lists}]}

    return told


THINK = {None: lambda answer: answer} | {how.__name__[1:]: _thinking(how) for how in (_apart, _inside, _hidden)}


def entry(one):
    return {"token": one.token.decode(), "logprob": one.logprob, "bytes": list(one.token)}


def providers(folder, **urls):
    """A providers.toml with these names; what follows a URL stands in the entry as it is."""
    entries = []
    for name, value in urls.items():
        url, *more = value if isinstance(value, tuple) else (value,)
        lines = "\n".join([f'base_url = "{url}"', 'model = "m"', *more])
        entries.append(f"[providers.{name}]\n{lines}\n")
    path = folder / "providers.toml"
    path.write_text("\n".join(entries), encoding="utf-8")
    return path

"""A stand-in for an OpenAI-compatible chat server; the model's name says how it behaves.

    chat_server.py [--port N] [--record FILE]      prints the base URL, /v1 included, when it listens

    answer        streams an answer that cites [1]; asked without a stream (to rewrite a follow-up) answers with REWRITTEN
    out-of-range  cites [1] and [99]
    slow          as answer, a word at a time until the client leaves
    error-500     answers 500, and error-429 429 with Retry-After
    malformed     begins an answer, then sends an event that is not JSON
    cut           begins an answer, then closes the connection
    hang          sends the head of an answer and then nothing
    hang-silent   sends nothing at all
    misled        as answer, but every behaviour above is said of the stream only: not streamed it answers 500
"""
import argparse
import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

REWRITTEN = "How do honeybees keep warm in winter?"
OPENING = "The stand-in has read the passages"
ANSWER = f"{OPENING} and finds this in the first of them [1]."
OUT_OF_RANGE = f"{OPENING} [1], and cites one that nobody gave it [99]."
SLOW_SECONDS = 0.05
SLOW_WORDS = 2000


class ChatServer:
    """Listens while the `with` block runs. `requests` holds what was asked: path, authorization and body of each."""

    def __init__(self, port=0, record=None):
        self.requests = []
        self.lock = threading.Lock()
        self.record = record
        self.stopping = threading.Event()
        self.left = threading.Event()  # set when a client closed the connection of a slow answer
        owner = self

        class Handler(ChatHandler):
            server_of = owner

        self.http = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self.http.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.http.server_port}/v1"

    def note(self, request):
        with self.lock:
            self.requests.append(request)
            if self.record:
                with open(self.record, "a", encoding="utf-8") as file:
                    file.write(json.dumps(request) + "\n")

    def __enter__(self):
        threading.Thread(target=self.http.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.stopping.set()
        self.http.shutdown()
        self.http.server_close()


class ChatHandler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_of = None

    def log_message(self, *_):
        pass

    def do_GET(self):
        self.answer_json(200, {"object": "list", "data": [{"id": "answer", "object": "model"}]})

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))))
        self.server_of.note({"path": self.path, "authorization": self.headers.get("Authorization"), "body": body})
        if not self.path.endswith("/chat/completions"):
            self.answer_json(404, error("no such path"))
            return
        model = body.get("model", "answer")
        streamed = bool(body.get("stream"))
        if model == "misled" and not streamed:
            model = "error-500"
        try:
            if model == "error-500":
                self.answer_json(500, error("the stand-in fails, as it was asked to"))
            elif model == "error-429":
                self.answer_json(429, error("too many requests"), {"Retry-After": "1"})
            elif model == "hang-silent":
                self.hang()
            elif not streamed:
                self.answer_json(200, completion(model, REWRITTEN))
            else:
                self.stream(model)
        except (BrokenPipeError, ConnectionResetError):
            self.server_of.left.set()
        if model in ("hang", "hang-silent", "cut"):
            self.close_connection = True

    def stream(self, model):
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()
        self.close_connection = True
        if model == "hang":
            self.wfile.flush()
            self.hang()
        elif model == "malformed":
            self.send_words(model, OPENING)
            self.send_event('{"choices": [{"delta": {"content": "half of')
            self.send_event("[DONE]")
        elif model == "cut":
            self.send_words(model, OPENING)
        elif model == "slow":
            self.send_words(model, ANSWER, SLOW_SECONDS)
            self.send_words(model, " and on" * SLOW_WORDS, SLOW_SECONDS)
        else:
            self.send_words(model, OUT_OF_RANGE if model == "out-of-range" else ANSWER)
            self.send_event(json.dumps(chunk(model, {}, "stop")))
            self.send_event("[DONE]")

    def send_words(self, model, text, pause=0.0):
        for word in text.split(" "):
            if self.server_of.stopping.wait(pause):
                return
            self.send_event(json.dumps(chunk(model, {"content": word + " "})))

    def send_event(self, data):
        self.wfile.write(f"data: {data}\n\n".encode())
        self.wfile.flush()

    def hang(self):
        """Until the client leaves, which shows as the end of what it sends, or the test is over."""
        self.connection.settimeout(0.2)
        while not self.server_of.stopping.is_set():
            try:
                if not self.connection.recv(1):
                    break
            except TimeoutError:
                continue
            except OSError:
                break
        self.server_of.left.set()

    def answer_json(self, status, body, headers=None):
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)


def error(message):
    return {"error": {"message": message, "type": "stand_in", "code": None}}


def completion(model, text):
    return {
        "id": "chatcmpl-1", "object": "chat.completion", "created": int(time.time()), "model": model,
        "choices": [{"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2},
    }


def chunk(model, delta, finish=None):
    return {
        "id": "chatcmpl-1", "object": "chat.completion.chunk", "created": int(time.time()), "model": model,
        "choices": [{"index": 0, "delta": delta, "finish_reason": finish}],
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--record", help="a file that gets each request as a line of JSON")
    options = parser.parse_args()
    with ChatServer(options.port, options.record) as server:
        print(server.url, flush=True)
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            pass


if __name__ == "__main__":
    main()

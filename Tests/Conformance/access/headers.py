"""The header each popular client puts its credentials in: let in with the right ones, 403 with wrong ones and none.

Sources: the Python clients themselves; for the others their code and documentation: Spring AI up to 1.0 sends Bearer,
from 1.1 x-chroma-token (spring-projects/spring-ai#4571); Flowise the same, changed in FlowiseAI/Flowise#4936;
LangChain4j has custom headers for either (langchain4j/langchain4j#5040).
"""
import base64
from dataclasses import dataclass

import bcrypt

from subject import DATABASE, PASSWORDS, PATIENCE, TOKENS, Subject

TOKEN, USER, PASSWORD = "a-token-for-the-headers", "admin", "pass:word ß"
AUTHORIZATION, X_CHROMA_TOKEN = "Authorization", "X-Chroma-Token"
PATHS = {"v1": "/api/v1/collections", "v2": f"{DATABASE}/collections"}


def bearer(token):
    return {"Authorization": f"Bearer {token}"}


def chroma_token(token):
    return {"X-Chroma-Token": token}


def basic(credentials):
    return {"Authorization": "Basic " + base64.b64encode(credentials.encode()).decode()}


@dataclass(frozen=True)
class Sender:
    who: str
    agent: str
    headers: object  # from the credential to the headers
    header: str  # where a token goes
    apis: tuple = ("v1", "v2")
    beyond: bool = False  # understood here and not by Chroma's own server


TOKEN_SENDERS = [
    Sender("curl, Bearer", "curl/8.5.0", bearer, AUTHORIZATION),
    Sender("curl, X-Chroma-Token", "curl/8.5.0", chroma_token, X_CHROMA_TOKEN),
    Sender("curl, Bearer in X-Chroma-Token", "curl/8.5.0", lambda t: {"X-Chroma-Token": f"Bearer {t}"}, X_CHROMA_TOKEN,
           beyond=True),
    Sender("curl, header in lower case", "curl/8.5.0", lambda t: {"authorization": f"Bearer {t}"}, AUTHORIZATION),
    Sender("curl, scheme in lower case", "curl/8.5.0", lambda t: {"Authorization": f"bearer {t}"}, AUTHORIZATION,
           beyond=True),
    Sender("JS 1, AUTHORIZATION", "node", bearer, AUTHORIZATION, ("v1",)),
    Sender("JS 1, X_CHROMA_TOKEN", "node", chroma_token, X_CHROMA_TOKEN, ("v1",)),
    Sender("JS 2, AUTHORIZATION", "Chroma Javascript Client v2.4.6 (https://github.com/chroma-core/chroma)", bearer,
           AUTHORIZATION, ("v2",)),
    Sender("JS 2, X_CHROMA_TOKEN", "Chroma Javascript Client v2.4.6 (https://github.com/chroma-core/chroma)",
           chroma_token, X_CHROMA_TOKEN, ("v2",)),
    Sender("JS 3, headers", "node", lambda t: {"x-chroma-token": t}, X_CHROMA_TOKEN, ("v2",)),
    Sender("LangChain.js through JS 2", "node", bearer, AUTHORIZATION, ("v2",)),
    Sender("Flowise to 3.0.3", "node", bearer, AUTHORIZATION, ("v2",)),
    Sender("Flowise since", "node", lambda t: {"x-chroma-token": t}, X_CHROMA_TOKEN, ("v2",)),
    Sender("Spring AI to 1.0", "Java/17.0.9", bearer, AUTHORIZATION),
    Sender("Spring AI since 1.1", "Java/21.0.2", lambda t: {"x-chroma-token": t}, X_CHROMA_TOKEN, ("v2",)),
    Sender("LangChain4j, Bearer", "Java-http-client/17.0.9", bearer, AUTHORIZATION),
    Sender("LangChain4j, X-Chroma-Token", "Java-http-client/17.0.9", chroma_token, X_CHROMA_TOKEN),
    Sender("chroma-go", "Go-http-client/1.1", chroma_token, X_CHROMA_TOKEN),
    Sender("chromadb-php", "GuzzleHttp/7", bearer, AUTHORIZATION),
    Sender("requests by hand", "python-requests/2.32.3", bearer, AUTHORIZATION),
    Sender("httpx by hand", "python-httpx/0.28.1", chroma_token, X_CHROMA_TOKEN),
]
PASSWORD_SENDERS = [
    Sender("curl --user", "curl/8.5.0", basic, AUTHORIZATION),
    Sender("curl, scheme in lower case", "curl/8.5.0",
           lambda c: {"Authorization": basic(c)["Authorization"].replace("Basic", "basic")}, AUTHORIZATION,
           beyond=True),
    Sender("JS 1, basic", "node", basic, AUTHORIZATION, ("v1",)),
    Sender("JS 2, basic", "Chroma Javascript Client v2.4.6 (https://github.com/chroma-core/chroma)", basic,
           AUTHORIZATION, ("v2",)),
    Sender("Spring AI, username and password", "Java/17.0.9", basic, AUTHORIZATION),
    Sender("chroma-go, basic", "Go-http-client/1.1", basic, AUTHORIZATION),
]


def run(options, clients, tally):
    # The header that is asked for; `None` is either, and Authorization on Chroma's own server.
    for header in (None, AUTHORIZATION, X_CHROMA_TOKEN):
        tokens(header, options, clients, tally)
    passwords(options, clients, tally)


def tokens(header, options, clients, tally):
    environment = {"CHROMA_SERVER_AUTHN_PROVIDER": TOKENS, "CHROMA_SERVER_AUTHN_CREDENTIALS": TOKEN}
    if header:
        environment["CHROMA_AUTH_TOKEN_TRANSPORT_HEADER"] = header
    accepted = {header or AUTHORIZATION} if header or options.own else {AUTHORIZATION, X_CHROMA_TOKEN}
    asked = f"token in {header or 'either'}"
    with Subject(options.server, environment) as server:
        for sender in TOKEN_SENDERS:
            if not (sender.beyond and options.own):
                by_hand(server, sender, TOKEN, sender.header in accepted, tally, asked)
        for sent in (AUTHORIZATION, X_CHROMA_TOKEN):
            in_header = bearer if sent == AUTHORIZATION else chroma_token
            for client in clients:
                for way, credential in (
                        ("settings", lambda token: client.with_token(token, sent)),
                        ("headers=", lambda token: {"headers": in_header(token)})):
                    through_client(server, client, credential, TOKEN, sent in accepted, tally,
                                   f"{asked}: Python {client.version}, {way}, {sent}")


def passwords(options, clients, tally):
    hashed = bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(4)).decode()
    environment = {
        "CHROMA_SERVER_AUTHN_PROVIDER": PASSWORDS, "CHROMA_SERVER_AUTHN_CREDENTIALS": f"{USER}:{hashed}", **PATIENCE}
    with Subject(options.server, environment) as server:
        for sender in PASSWORD_SENDERS:
            if not (sender.beyond and options.own):
                by_hand(server, sender, f"{USER}:{PASSWORD}", True, tally, "password")
        for client in clients:
            for way, credential in (
                    ("settings", lambda both: client.with_password(*both.split(":", 1))),
                    ("headers=", lambda both: {"headers": basic(both)})):
                through_client(server, client, credential, f"{USER}:{PASSWORD}", True, tally,
                               f"password: Python {client.version}, {way}")


def by_hand(server, sender, credential, accepted, tally, asked):
    for api in sender.apis:
        for case, headers, status in (
                ("right", sender.headers(credential), 200 if accepted else 403),
                ("wrong", sender.headers(credential + "x"), 403), ("missing", {}, 403),
                ("right again", sender.headers(credential), 200 if accepted else 403)):
            seen, _, body = server.ask("GET", PATHS[api], headers={"User-Agent": sender.agent, **headers})
            tally.check(seen == status, f"{asked}: {sender.who}, {api}, {case}: {status}", f"{seen} {body[:200]!r}")


def through_client(server, client, credential, right, accepted, tally, title):
    for case, way in (("right", credential(right)), ("wrong", credential(right + "x")), ("missing", {}),
                      ("right again", credential(right))):
        _, error = client.tell(connect={"port": server.port, **way})
        if case.startswith("right") and accepted:
            tally.check(error is None, f"{title}, {case}: let in", error)
        else:
            tally.check(error is not None and error["type"] == client.refusal, f"{title}, {case}: {client.refusal}",
                        error)

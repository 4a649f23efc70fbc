"""A WebSocket peer that is not ours: python3-websockets. It does what lines of JSON on stdin say, and tells what happens in lines of JSON on stdout."""

import asyncio
import base64
import http
import json
import ssl
import sys

import websockets
from websockets.extensions.permessage_deflate import ClientPerMessageDeflateFactory, ServerPerMessageDeflateFactory

current = None


def tell(event, **more):
    print(json.dumps({"event": event, **more}), flush=True)


def encoded(message):
    if isinstance(message, str):
        return {"text": message}
    return {"base64": base64.b64encode(message).decode()}


def decoded(given):
    return given["text"] if "text" in given else base64.b64decode(given["base64"])


def options(given, factory):
    known = {"ping_interval": given.get("ping_interval"), "ping_timeout": given.get("ping_timeout"), "close_timeout": 2}
    if "max_size" in given:
        known["max_size"] = given["max_size"]
    if "subprotocols" in given:
        known["subprotocols"] = given["subprotocols"]
    if given.get("deflate") is None:
        known["compression"] = None
    elif given["deflate"] == "default":
        known["compression"] = "deflate"
    else:
        known["compression"] = None
        known["extensions"] = [factory(**given["deflate"])]
    return known


async def listen(connection, path, headers):
    global current
    current = connection
    tell(
        "open",
        path=path,
        headers=dict(headers.raw_items()),
        subprotocol=connection.subprotocol,
        extensions=[str(extension) for extension in connection.extensions],
    )
    try:
        async for message in connection:
            tell("message", **encoded(message))
    except websockets.ConnectionClosed:
        pass
    tell("close", code=connection.close_code, reason=connection.close_reason)


async def connect(given):
    tls = None
    if given["url"].startswith("wss:"):
        tls = ssl.create_default_context(cafile=given.get("ca"))
        if "cert" in given:
            tls.load_cert_chain(given["cert"], given["key"])
    try:
        connection = await websockets.connect(
            given["url"], ssl=tls, extra_headers=given.get("headers"), open_timeout=5, **options(given, ClientPerMessageDeflateFactory)
        )
    except Exception as error:
        tell("failed", reason=f"{type(error).__name__}: {error}", status=getattr(error, "status_code", 0))
        return
    await listen(connection, connection.path, connection.response_headers)


async def serve(given):
    tls = None
    if "cert" in given:
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(given["cert"], given["key"])
        if "ca" in given:
            tls.load_verify_locations(given["ca"])
            tls.verify_mode = ssl.CERT_REQUIRED

    async def refuse(path, headers):
        if "refuse" in given:
            return http.HTTPStatus(given["refuse"]), {}, b"no\n"

    server = await websockets.serve(
        lambda connection: listen(connection, connection.path, connection.request_headers),
        "127.0.0.1",
        given.get("port", 0),
        ssl=tls,
        process_request=refuse,
        **options(given, ServerPerMessageDeflateFactory),
    )
    tell("listening", port=server.sockets[0].getsockname()[1])


async def do(given):
    what = given["do"]
    if what == "connect":
        await connect(given)
    elif what == "serve":
        await serve(given)
    elif what == "send":
        fragments = given.get("fragments")
        await current.send([decoded(one) for one in fragments] if fragments else decoded(given))
    elif what == "ping":
        await asyncio.wait_for(await current.ping(given["data"]), 5)
        tell("pong", data=given["data"])
    elif what == "close":
        await current.close(given.get("code", 1000), given.get("reason", ""))
    elif what == "abort":
        current.transport.abort()


async def main():
    loop = asyncio.get_running_loop()
    lines = asyncio.StreamReader(limit=64 * 1024 * 1024)
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    tell("ready", version=websockets.version.version)
    tasks = set()

    async def attempt(given):
        try:
            await do(given)
        except Exception as error:
            tell("error", reason=f"{type(error).__name__}: {error}")

    async for line in lines:
        given = json.loads(line)
        if given["do"] == "connect":
            tasks.add(asyncio.create_task(attempt(given)))  # It lasts as long as the connection.
        else:
            await attempt(given)


asyncio.run(main())

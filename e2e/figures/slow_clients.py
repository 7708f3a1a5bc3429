#!/usr/bin/env python3
"""Clients that take their time, thousands of them in one process: slow_clients.py KIND COUNT PORT KEY [SIMULATE]

KIND: read   asks for a stream and reads 1 KB of it a second
      head   sends a byte of a request's head a second
      body   sends the head and then a byte of the body a second
Prints a line of JSON a second: how many are open, how many the other side has closed, bytes read. Ends when all are
closed, or at SIGTERM.
"""
import json
import resource
import signal
import socket
import sys
import time

kind, count, port, key = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
simulate = sys.argv[5] if len(sys.argv) > 5 else ""
limit = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))
running = True


def end(*_):
    global running
    running = False


signal.signal(signal.SIGTERM, end)

BODY = json.dumps({"model": "gpt-5.4", "stream": True, "messages": [{"role": "user", "content": "hi " * 60}]}).encode()
HEAD = (
    f"POST /v1/chat/completions HTTP/1.1\r\nhost: slow\r\ncontent-type: application/json\r\nauthorization: Bearer {key}\r\n"
    f"x-simulate: {simulate}\r\ncontent-length: {len(BODY)}\r\n\r\n"
).encode()
LONG_HEAD = b"POST /v1/chat/completions HTTP/1.1\r\nhost: slow\r\nx-long: " + b"a" * 4096


class Client:
    def __init__(self):
        self.socket = socket.socket()
        if kind == "read":
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        self.socket.connect(("127.0.0.1", port))
        self.socket.setblocking(False)
        self.sent = 0
        self.pending = LONG_HEAD if kind == "head" else HEAD + BODY
        if kind == "read":
            self.socket.send(self.pending)
        elif kind == "body":
            self.sent = self.socket.send(HEAD)

    def step(self):
        """One second's worth. Bytes read, or None when the other side has closed."""
        try:
            if kind == "read":
                got = self.socket.recv(1024)
                return len(got) if got else None
            if self.sent < len(self.pending):
                self.sent += self.socket.send(self.pending[self.sent : self.sent + 1])
            return 0 if self.socket.recv(4096) else None
        except BlockingIOError:
            return 0
        except OSError:
            return None


began = time.monotonic()
clients = []
closed = total = 0
last_closed = 0.0
while running:
    turn = time.monotonic()
    if len(clients) + closed < count:
        clients += [Client() for _ in range(min(500, count - len(clients) - closed))]
    left = []
    for client in clients:
        got = client.step()
        if got is None:
            client.socket.close()
            closed += 1
            last_closed = time.monotonic() - began
        else:
            total += got
            left.append(client)
    clients = left
    print(json.dumps({"open": len(clients), "closed": closed, "bytes": total, "last_closed_s": round(last_closed, 1)}), flush=True)
    if closed == count:
        break
    time.sleep(max(0.0, 1.0 - (time.monotonic() - turn)))

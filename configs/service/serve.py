"""A prediction service: POST an array of raw inputs (a .npy file), the answers come back as JSON.

Usage: python serve.py RUN [PORT]
"""

import io
import json
import signal
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np

import cnntrain

MOST = 2**24  # bytes of a request


def array(body):
    try:
        return np.lib.format.read_array(io.BytesIO(body), allow_pickle=False)
    except Exception as error:  # of many kinds, as headers may be wrong in many ways
        raise ValueError(f"not a .npy file: {error}") from None


class Answers(BaseHTTPRequestHandler):
    timeout = 10  # seconds that a client may keep silent

    def do_POST(self):
        try:
            size = int(self.headers.get("Content-Length", -1))
            if not 0 <= size <= MOST:
                raise ValueError(f"expected a Content-Length of at most {MOST} bytes")
            p = model.predict_proba(array(self.rfile.read(size)))
            labels = [model.class_names[k] for k in p.argmax(axis=1)]
            self.answer(200, {"labels": labels, "p": p.max(axis=1).tolist()})
        except (ValueError, cnntrain.CnntrainError) as error:
            self.answer(400, {"error": " ".join(str(error).split())})

    def answer(self, status, content):
        body = json.dumps(content).encode() + b"\n"
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


model = cnntrain.load_model(sys.argv[1])
signal.signal(signal.SIGTERM, lambda *_: sys.exit())
with ThreadingHTTPServer(("127.0.0.1", int((sys.argv[2:] or [8000])[0])), Answers) as server:
    server.daemon_threads = False  # on SIGTERM, requests under way are answered
    print(f"http://127.0.0.1:{server.server_port}", flush=True)
    server.serve_forever()

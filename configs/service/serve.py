"""A prediction service: POST a picture, or an array of raw inputs (.npy); the answer is JSON.

python serve.py runs/digits 8000 &
curl --data-binary @seven.png http://127.0.0.1:8000
{"answers": [{"class": "7", "probabilities": {"0": 0.001, "1": 0.004, ...}}]}
"""

import io
import json
import signal
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np

import cnntrain

MOST = 2**24  # bytes of a request


def probabilities(body):
    if not body.startswith(b"\x93NUMPY"):
        (answer,) = cnntrain.predict_files(model, body)
        if answer.error:
            raise ValueError(f"neither a picture nor an array (.npy): {answer.error}")
        return answer.p[None]
    try:
        raw = np.lib.format.read_array(io.BytesIO(body), allow_pickle=False)
    except Exception as error:  # of many kinds, as headers may be wrong in many ways
        raise ValueError(f"not an array (.npy): {error}") from None
    return model.predict_proba(raw)


class Service(BaseHTTPRequestHandler):
    timeout = 10  # seconds that a client may keep silent

    def do_POST(self):
        size = self.headers.get("Content-Length", "")
        if not size.isdecimal():
            return self.send_error(400, "expected a Content-Length")
        if int(size) > MOST:
            return self.send_error(413, f"expected at most {MOST} bytes")
        try:
            rows = probabilities(self.rfile.read(int(size))).tolist()
        except (ValueError, cnntrain.CnntrainError) as error:
            return self.send_error(400, " ".join(str(error).split()))
        each = [dict(zip(model.class_names, row, strict=True)) for row in rows]
        answers = [{"class": max(p, key=p.get), "probabilities": p} for p in each]
        return self.answer(200, {"answers": answers})

    def send_error(self, code, message=None, explain=None):
        self.answer(code, {"error": message or self.responses[code][0]})

    def answer(self, code, content):
        body = json.dumps(content).encode() + b"\n"
        self.send_response(code)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        while code == 413 and self.rfile.read1():  # clients read when they have sent all
            pass


model = cnntrain.load_model(sys.argv[1])
signal.signal(signal.SIGTERM, lambda *_: sys.exit())
with ThreadingHTTPServer(("127.0.0.1", int((sys.argv[2:] or [8000])[0])), Service) as server:
    server.daemon_threads = False  # on SIGTERM, requests under way are answered
    print(f"http://127.0.0.1:{server.server_port}", flush=True)
    server.serve_forever()

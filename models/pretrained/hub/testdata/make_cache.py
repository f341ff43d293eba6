"""Writes cache.json: what Python's huggingface_hub leaves in its cache after fetching two files of a repository from a
server that answers like the Hub. The files are those of server_test.go.

python make_cache.py > cache.json      (huggingface_hub 2.4.0; needs no network)
"""

import hashlib
import http.server
import json
import os
import pathlib
import sys
import tempfile
import threading

REPO, COMMIT = "timm/densenet169.tv_in1k", "1a" * 20
WEIGHTS = bytes(i % 251 for i in range(300_000))
CONFIG = b'{"architecture": "densenet169", "num_classes": 1000}\n'


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        weights, config = f"/{REPO}/resolve/", "/config.json"
        if self.path == "/cdn":
            return self.answer(200, {}, WEIGHTS)
        if not self.path.startswith(weights):
            return self.answer(404, {"X-Error-Code": "RepoNotFound"})
        headers = {"X-Repo-Commit": COMMIT}
        if self.path.endswith(config):
            etag = hashlib.sha1(b"blob %d\0" % len(CONFIG) + CONFIG).hexdigest()
            return self.answer(200, headers | {"ETag": f'"{etag}"'}, CONFIG)
        headers |= {"X-Linked-Etag": f'"{hashlib.sha256(WEIGHTS).hexdigest()}"', "X-Linked-Size": str(len(WEIGHTS)),
                    "Location": f"http://localhost:{content.server_port}/cdn"}
        self.answer(302, headers)

    do_HEAD = do_GET

    def answer(self, status, headers, body=b""):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body)

    def log_message(self, *_):
        pass


def serve():
    server = http.server.ThreadingHTTPServer(("localhost", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


content, hub = serve(), serve()
cache = pathlib.Path(tempfile.mkdtemp())
os.environ.update(HF_ENDPOINT=f"http://localhost:{hub.server_port}", HF_HUB_CACHE=str(cache), HF_HUB_DISABLE_PROGRESS_BARS="1",
                  HF_HUB_DISABLE_XET="1", HF_TOKEN="")
from huggingface_hub import hf_hub_download  # noqa: E402  reads the environment when imported

for name in ("model.safetensors", "config.json"):
    hf_hub_download(REPO, name)

found = {}
for path in sorted(cache.rglob("*")):
    name = path.relative_to(cache).as_posix()
    if path.is_symlink():
        found[name] = "link to " + os.readlink(path)
    elif path.is_file() and not name.startswith((".locks/", "CACHEDIR.TAG")):
        found[name] = "sha256 " + hashlib.sha256(path.read_bytes()).hexdigest()
found |= {p.relative_to(cache).as_posix(): "lock" for p in cache.glob(".locks/*/*")}
json.dump(found, sys.stdout, indent=1, sort_keys=True)
print()

"""Who the worker is, its entry in etcd and its status in Redis, and the HTTP side that the hub and the engine ask."""
import base64, json, os, socket, threading, time, urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit
import nacl.exceptions, nacl.signing

def secrets():
    """Lines NAME=value of the file that MCP_SECRETS_FILE names."""
    path = os.environ.get("MCP_SECRETS_FILE")
    return dict(line.split("=", 1) for line in open(path).read().splitlines() if "=" in line) if path else {}

SECRETS = secrets()

def env(name, default=""):
    return os.environ.get(name) or SECRETS.get(name, default)

def now():
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())

KIND, TYPE, NUMBER = env("AGENT_TYPE"), env("AGENT_TYPE").replace("_", "-"), env("AGENT_ID", "1")
AGENT, SLOTS, GRACE, STARTED = f"{TYPE}-{NUMBER}", int(env("AGENT_CONCURRENCY", "4")), int(env("STOP_GRACE_SECONDS", "15")), now()
connected, draining, stopping = threading.Event(), threading.Event(), threading.Event()

def post(url, body, token=None):
    headers = {"content-type": "application/json", **({"authorization": token} if token else {})}
    return json.load(urllib.request.urlopen(urllib.request.Request(url, json.dumps(body).encode(), headers), timeout=5))

def register(actions):
    """Held by a lease; written anew when that is lost or the status changes, and gone at once when the worker stops."""
    url, base64_of = urlsplit(env("MCP_ETCD_URL")), lambda text: base64.b64encode(text.encode()).decode()
    call = lambda path, body, token=None: post(f"http://{url.hostname}:{url.port}/v3/{path}", body, token)
    while not stopping.is_set():
        try:
            token = call("auth/authenticate", {"name": url.username, "password": url.password})["token"]
            lease, drains = call("lease/grant", {"TTL": 15}, token)["ID"], draining.is_set()
            entry = {"host": env("SERVICE_HOST"), "port": int(env("SERVICE_PORT")), "status": "draining" if drains else "idle",
                     "capabilities": sorted(actions), "current_task": None, "version": "1.0.0", "started_at": STARTED}
            key = base64_of(f"/services/mcp/agents/{TYPE}/agent-{NUMBER}")
            call("kv/put", {"key": key, "value": base64_of(json.dumps(entry)), "lease": lease}, token)
            while "TTL" in call("lease/keepalive", {"ID": lease}, token).get("result", {}) and drains == draining.is_set() and not stopping.is_set():
                note_status()
                (stopping if drains else draining).wait(5)
            if stopping.is_set(): call("lease/revoke", {"ID": lease}, token)
        except (OSError, KeyError): time.sleep(1)

def note_status():
    """Shows the agent to people; nobody depends on it. Redis speaks in arrays of counted strings, and needs no client for that."""
    url, key = urlsplit(env("MCP_REDIS_URL")), f"mcp:agents:status:{AGENT}"
    said = ("HSET", key, "agent_id", AGENT, "type", TYPE, "status", "draining" if draining.is_set() else "idle", "updated_at", now())
    with socket.create_connection((url.hostname, url.port), timeout=5) as redis:
        for words in (("AUTH", url.username, url.password), said, ("EXPIRE", key, "30")):
            redis.sendall(f"*{len(words)}\r\n".encode() + b"".join(f"${len(word.encode())}\r\n{word}\r\n".encode() for word in words))
            redis.recv(1024)

def is_ours(authorization):
    """Whether the token is signed by the stack (JWT, EdDSA) and meant for this type."""
    decode = lambda text: base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    try:
        signed, _, signature = authorization.removeprefix("Bearer ").rpartition(".")
        nacl.signing.VerifyKey(decode(env("MCP_TOKEN_PUBLIC_KEY"))).verify(signed.encode(), decode(signature))
        return bool({"*", f"agent:{TYPE}"} & set(json.loads(decode(signed.split(".")[1]))["aud"]))
    except (nacl.exceptions.CryptoError, ValueError, LookupError, TypeError): return False

class Http(BaseHTTPRequestHandler):
    actions = {}
    def do_GET(self):
        catalog = {"type": TYPE, "agentId": AGENT, "concurrency": SLOTS, "policy": json.loads(env("AGENT_POLICY", "{}")),
                   "actions": [{"name": name, "description": does, "input": schema} for name, (_, does, schema) in self.actions.items()]}
        missing = [] if connected.is_set() else ["rabbitmq"]
        metrics = f"# TYPE process_cpu_seconds_total counter\nprocess_cpu_seconds_total {time.process_time()}\n"
        pages = {"/healthz": {}, "/readyz": {"missing": missing}, "/actions": catalog, "/metrics": metrics}
        page = pages.get(self.path)
        refused = page is catalog and not is_ours(self.headers.get("authorization", ""))
        self.send_response(404 if page is None else 401 if refused else 503 if self.path == "/readyz" and missing else 200)
        self.send_header("content-type", "text/plain" if page is metrics else "application/json")
        self.end_headers()
        self.wfile.write((page if page is metrics else json.dumps({} if refused else page)).encode())
    def log_message(self, *_): pass

def show(actions):
    """Answers over HTTP and registers, as long as the process lives. What it returns ends once the entry is taken back."""
    Http.actions = actions
    server = ThreadingHTTPServer(("", int(env("SERVICE_PORT"))), Http)
    answering, registered = (threading.Thread(target=target, args=args, daemon=True) for target, args in ((server.serve_forever, ()), (register, (actions,))))
    answering.start()
    registered.start()
    return registered

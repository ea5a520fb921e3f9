// Stands for the hub and for a server behind the edge. Tells the caller what arrived.
import { createServer } from "node:http";

const [port, name] = process.argv.slice(2);
const ROUTES = { "/servers/utils/toolbox/mcp": "toolbox:8080", "/servers/utils/vanished/mcp": "vanished:8081" };

let vanished = 0;

function authorize(request, response) {
  const path = request.headers["x-original-uri"].split("?")[0];
  const token = request.headers.authorization;
  if (token === "Bearer weak") return response.writeHead(403).end();
  if (token !== "Bearer good") return response.writeHead(401).end();
  const upstream = ROUTES[path] ?? null;
  response.writeHead(200, {
    ...(upstream && { "x-upstream": upstream }),
    ...(upstream === "toolbox:8080" && { "x-backend-authorization": "Bearer for-the-toolbox" }),
  }).end();
}

createServer(async (request, response) => {
  if (request.url === "/internal/authorize") return authorize(request, response);
  if (request.url === "/readyz") return response.writeHead(200).end("{}");
  if (request.url === "/api/v1/events") {
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.write("data: first\n\n");
    setTimeout(() => response.end("data: second\n\n"), 1500);
    return;
  }
  if (request.url.startsWith("/api/v1/refused")) return response.writeHead(404, { "content-type": "application/problem+json" }).end('{"from":"hub"}');
  if (request.url === "/vanished") return response.end(String(vanished));
  if (request.url === "/api/v1/vanish") {
    vanished++;
    for await (const _ of request) { /* as if the work had been done */ }
    return request.socket.destroy();
  }
  let bytes = 0;
  for await (const chunk of request) bytes += chunk.length;
  response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify({ name, method: request.method, url: request.url, headers: request.headers, bytes }));
}).listen(Number(port), "0.0.0.0");
process.on("SIGTERM", () => process.exit(0));

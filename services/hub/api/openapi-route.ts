/** `GET /api/v1/openapi.json`. */
import type { HttpApp } from "../../kit/http.ts";
import { openApi } from "./openapi.ts";

export function mountOpenApi(app: HttpApp): void {
  const document = openApi();
  app.get("/api/v1/openapi.json", () => document);
}

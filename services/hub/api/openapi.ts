/** The HTTP API as an OpenAPI 3.1 document, made from the schemas that the routes check with. */
import { z } from "zod";
import { Registration } from "../../../contract/registry.ts";
import { ActionsAnswer, Problem, RetentionAnswer, RetentionRequest, Task, TaskFilter, TaskPage, TaskReceipt, TaskRequest } from "../../../contract/tasks.ts";
import { VERSION } from "../../kit/version.ts";

type Json = Record<string, unknown>;

const ServicesAnswer = z.object({
  services: z.array(Registration.extend({
    kind: z.enum(["server", "agent"]),
    key: z.string().describe("Key in etcd."),
    category: z.string().optional().describe("Of a server."),
    server: z.string().optional().describe("Of a server."),
    replica: z.number().int().optional().describe("Of a server."),
    type: z.string().optional().describe("Of an agent."),
    n: z.number().int().optional().describe("Of an agent."),
  })),
});

const SCHEMAS = { Task, TaskPage, TaskReceipt, ActionsAnswer, ServicesAnswer, RetentionAnswer, Problem };

const schemaOf = (schema: z.ZodType, io: "input" | "output"): Json => {
  const { $schema: _, ...json } = z.toJSONSchema(schema, { io });
  return json;
};
const ref = (name: keyof typeof SCHEMAS | "TaskRequest" | "RetentionRequest"): Json => ({ $ref: `#/components/schemas/${name}` });
const answer = (description: string, name: keyof typeof SCHEMAS): Json => ({ description, content: { "application/json": { schema: ref(name) } } });
const refusal = (description: string): Json => ({ description, content: { "application/problem+json": { schema: ref("Problem") } } });

const AUTHORIZED = {
  401: refusal("No token, or not one of this stack."),
  403: refusal("The token's role may not do this, or the token is meant for another service."),
};
const ID = { name: "id", in: "path", required: true, schema: { type: "string", format: "uuid" } };

/** Query parameters of a flat object schema. */
function queryOf(schema: z.ZodObject): Json[] {
  const { properties = {} } = schemaOf(schema, "input") as { properties?: Record<string, Json> };
  const limits: Json = { type: "integer", minimum: 1, maximum: 200, default: 50 };
  return Object.entries(properties).map(([name, property]) => ({ name, in: "query", schema: name === "limit" ? limits : property }));
}

export function openApi(): Json {
  const components = Object.fromEntries(Object.entries(SCHEMAS).map(([name, schema]) => [name, schemaOf(schema, "output")]));
  return {
    openapi: "3.1.0",
    info: {
      title: "Task API of the hub",
      version: VERSION,
      description: "Submit tasks to agents, follow them, see who is there. Everything refused is an RFC 9457 problem document.",
    },
    servers: [{ url: "/" }],
    security: [{ bearer: [] }],
    paths: {
      "/api/v1/tasks": {
        post: {
          operationId: "submitTask",
          summary: "Submit a task. It is durable when this is answered.",
          requestBody: { required: true, content: { "application/json": { schema: ref("TaskRequest") } } },
          responses: {
            200: answer("The caller has submitted it before, under the same idempotency key.", "TaskReceipt"),
            202: answer("Taken. The header Location names it.", "TaskReceipt"),
            400: refusal("The body is not JSON."),
            ...AUTHORIZED,
            413: refusal("The body is larger than 1 MiB."),
            422: refusal("Unknown or not deployed type, unknown action, or an input that does not fit; errors[].path is a JSON pointer into the body."),
          },
        },
        get: {
          operationId: "listTasks",
          summary: "Tasks, newest first. Inputs and results over 16 KiB are null here.",
          parameters: queryOf(TaskFilter),
          responses: { 200: answer("A page.", "TaskPage"), ...AUTHORIZED, 422: refusal("A filter that does not fit.") },
        },
      },
      "/api/v1/tasks/{id}": {
        get: {
          operationId: "getTask",
          summary: "A task with its attempts and its result or error.",
          parameters: [ID],
          responses: { 200: answer("The task.", "Task"), ...AUTHORIZED, 404: refusal("There is no such task.") },
        },
      },
      "/api/v1/tasks/{id}/cancel": {
        post: {
          operationId: "cancelTask",
          summary: "Ask for a task to be cancelled. A pending one is cancelled at once; a running one when its agent has stopped, within 15 s.",
          parameters: [ID],
          responses: { 202: answer("Asked for; the state is that of this moment.", "TaskReceipt"), ...AUTHORIZED, 404: refusal("There is no such task."), 409: refusal("It is finished.") },
        },
      },
      "/api/v1/tasks/{id}/replay": {
        post: {
          operationId: "replayTask",
          summary: "Start a dead, failed or cancelled task anew, with a full budget of attempts.",
          parameters: [ID],
          responses: { 202: answer("Pending again.", "TaskReceipt"), ...AUTHORIZED, 404: refusal("There is no such task."), 409: refusal("It is neither dead nor failed nor cancelled.") },
        },
      },
      "/api/v1/actions": {
        get: { operationId: "listActions", summary: "Actions of every deployed agent type, with their schemas and policies.", responses: { 200: answer("By type.", "ActionsAnswer"), ...AUTHORIZED } },
      },
      "/api/v1/services": {
        get: { operationId: "listServices", summary: "The service registry as in etcd.", responses: { 200: answer("In the order of their keys.", "ServicesAnswer"), ...AUTHORIZED } },
      },
      "/api/v1/retention": {
        post: {
          operationId: "applyRetention",
          summary: "Delete tasks that ended long ago, or count them. For admins and the admin agent.",
          requestBody: { required: true, content: { "application/json": { schema: ref("RetentionRequest") } } },
          responses: { 200: answer("Deleted, or what would be.", "RetentionAnswer"), ...AUTHORIZED, 422: refusal("A request that does not fit.") },
        },
      },
      "/api/v1/events": {
        get: {
          operationId: "streamEvents",
          summary: "Live changes of tasks and services, as server-sent events whose data is a structured CloudEvent.",
          responses: { 200: { description: "Endless; a comment each 15 s keeps it open.", content: { "text/event-stream": { schema: { type: "string" } } } }, ...AUTHORIZED },
        },
      },
      "/api/v1/openapi.json": { get: { operationId: "getOpenApi", summary: "This document.", responses: { 200: { description: "OpenAPI 3.1.", content: { "application/json": { schema: { type: "object" } } } }, ...AUTHORIZED } } },
    },
    components: {
      schemas: { TaskRequest: schemaOf(TaskRequest, "input"), RetentionRequest: schemaOf(RetentionRequest, "input"), ...components },
      securitySchemes: { bearer: { type: "http", scheme: "bearer", bearerFormat: "JWT", description: "Stack output apiToken." } },
    },
  };
}

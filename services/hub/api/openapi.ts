/** The HTTP API as an OpenAPI 3.1 document, made from the schemas that the routes check with. */
import { z } from "zod";
import { GatewayAnswer } from "../../../contract/gateway.ts";
import { Registration } from "../../../contract/registry.ts";
import {
  ActionsAnswer, BatchAnswer, DrainReceipt, Problem, QueuesAnswer, ReplayAnswer, ReplayRequest, RetentionAnswer, RetentionRequest, Task, TaskBatch,
  TaskFilter, TaskPage, TaskReceipt, TaskRequest,
} from "../../../contract/tasks.ts";
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

const SCHEMAS = { Task, TaskPage, TaskReceipt, BatchAnswer, ReplayAnswer, ActionsAnswer, ServicesAnswer, GatewayAnswer, QueuesAnswer, DrainReceipt, RetentionAnswer, Problem };
const BODIES = { TaskRequest, TaskBatch, ReplayRequest, RetentionRequest };

const schemaOf = (schema: z.ZodType, io: "input" | "output"): Json => {
  const { $schema: _, ...json } = z.toJSONSchema(schema, { io });
  return json;
};
const schemasOf = (schemas: Record<string, z.ZodType>, io: "input" | "output"): Json =>
  Object.fromEntries(Object.entries(schemas).map(([name, schema]) => [name, schemaOf(schema, io)]));
const ref = (name: keyof typeof SCHEMAS | keyof typeof BODIES): Json => ({ $ref: `#/components/schemas/${name}` });
const answer = (description: string, name: keyof typeof SCHEMAS): Json => ({ description, content: { "application/json": { schema: ref(name) } } });
const body = (name: keyof typeof BODIES): Json => ({ required: true, content: { "application/json": { schema: ref(name) } } });
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
          requestBody: body("TaskRequest"),
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
      "/api/v1/tasks:batch": {
        post: {
          operationId: "submitTasks",
          summary: "Submit up to 1000 tasks. Those that are taken are durable, in one transaction, when this is answered; a bad one refuses itself alone.",
          requestBody: body("TaskBatch"),
          responses: {
            200: answer("What each would have been answered alone, in their order.", "BatchAnswer"),
            400: refusal("The body is not JSON."),
            ...AUTHORIZED,
            413: refusal("The body is larger than 4 MiB, or than the edge's mcp:edge.maxBodyBytes."),
            422: refusal("Not a list of 1 to 1000."),
          },
        },
      },
      "/api/v1/tasks:replay": {
        post: {
          operationId: "replayTasks",
          summary: "Start dead and failed tasks anew, all or by a filter, or count them.",
          requestBody: body("ReplayRequest"),
          responses: { 200: answer("How many were chosen and are pending again.", "ReplayAnswer"), ...AUTHORIZED, 422: refusal("A filter that does not fit.") },
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
      "/api/v1/gateway": {
        get: { operationId: "getGateway", summary: "What stands behind /mcp: each server's replicas, the age of its lists, and what of it is not passed on.", responses: { 200: answer("By the names of servers.", "GatewayAnswer"), ...AUTHORIZED } },
      },
      "/api/v1/queues": {
        get: { operationId: "listQueues", summary: "What waits for each agent type, for how long, and how many instances that calls for.", responses: { 200: answer("By type.", "QueuesAnswer"), ...AUTHORIZED } },
      },
      "/api/v1/agents/{id}/drain": {
        post: {
          operationId: "drainAgent",
          summary: "Tell an agent to take no more tasks and to finish those it holds, until it is restarted. For admins and operators.",
          parameters: [{ ...ID, schema: { type: "string" }, description: "As in code-indexer-1." }],
          responses: {
            202: answer("Told; GET /api/v1/services shows draining, and a current_task of null when it holds nothing more.", "DrainReceipt"),
            ...AUTHORIZED,
            404: refusal("No such agent is registered."),
          },
        },
      },
      "/api/v1/retention": {
        post: {
          operationId: "applyRetention",
          summary: "Delete tasks that ended long ago, or count them. For admins and the admin agent.",
          requestBody: body("RetentionRequest"),
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
      schemas: { ...schemasOf(BODIES, "input"), ...schemasOf(SCHEMAS, "output") },
      securitySchemes: { bearer: { type: "http", scheme: "bearer", bearerFormat: "JWT", description: "Stack output apiToken." } },
    },
  };
}

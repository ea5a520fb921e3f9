/** Logs: one JSON object a line on stdout, with `service`, `level` as a word, `time` in RFC 3339 and `traceId` where known. */
import pino from "pino";

export type Logger = pino.Logger;

/** @param destination for tests; stdout otherwise */
export function createLogger(service: string, level: string, destination?: pino.DestinationStream): Logger {
  const options: pino.LoggerOptions = {
    level,
    base: { service },
    messageKey: "message",
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    serializers: { err: pino.stdSerializers.errWithCause },
    redact: ["headers.authorization", "req.headers.authorization", "password", "token"],
  };
  return destination ? pino(options, destination) : pino(options);
}

const TRACEPARENT = /^[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}$/;

/** Trace id of a W3C `traceparent`; undefined when there is none or it is malformed. */
export function traceIdOf(traceparent: unknown): string | undefined {
  if (typeof traceparent !== "string") return undefined;
  const id = TRACEPARENT.exec(traceparent)?.[1];
  return id === undefined || /^0+$/.test(id) ? undefined : id;
}

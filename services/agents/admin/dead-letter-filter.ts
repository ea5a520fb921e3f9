import { z } from "zod";

/** Fields that choose among given-up tasks. */
export const deadLetterFilter = {
  type: z.string().min(1).max(64).optional().describe("Only tasks of this agent type."),
  errorCode: z.string().min(1).max(64).optional().describe("Only tasks whose last error has this code, as in `unavailable`."),
  olderThan: z.iso.datetime({ offset: true }).optional().describe("Only tasks given up before this time, RFC 3339."),
};

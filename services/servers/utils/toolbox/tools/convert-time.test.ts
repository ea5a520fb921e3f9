import assert from "node:assert/strict";
import { callTool } from "../../../../kit/testing.ts";
import { convertTime } from "./convert-time.ts";

const convert = (input: Record<string, unknown>) => callTool(convertTime, null, input);

describe("convert_time", () => {
  it("reads seconds, milliseconds, numbers as text, and ISO 8601 alike", async () => {
    const merge = { unixSeconds: 1_663_224_179, iso: "2022-09-15T06:42:59.000Z" };
    for (const time of [1_663_224_179, 1_663_224_179_000, "1663224179", "2022-09-15T06:42:59Z", "2022-09-15 08:42:59+02:00", "2022-09-15T02:42:59-0400"]) {
      const { unixSeconds, iso } = await convert({ time });
      assert.deepEqual({ unixSeconds, iso }, merge, String(time));
    }
    assert.equal((await convert({ time: "1969-12-31T23:59:59.500Z" })).unixSeconds, -1);
  });

  it("shows the zone's clock, and reads wall time by it", async () => {
    const answer = await convert({ time: "2026-07-01T09:30", zone: "Asia/Kolkata" });
    assert.deepEqual([answer.iso, answer.inZone, answer.offsetMinutes, answer.weekday], ["2026-07-01T04:00:00.000Z", "2026-07-01T09:30:00.000+05:30", 330, "Wednesday"]);
    assert.equal((await convert({ time: 0, zone: "America/New_York" })).weekday, "Wednesday");
    assert.equal((await convert({ time: "2026-10-25T02:30", zone: "Europe/Berlin" })).iso, "2026-10-25T00:30:00.000Z");
    assert.equal((await convert({ time: "2026-10-25T02:30", zone: "Europe/Berlin", ambiguity: "later" })).iso, "2026-10-25T01:30:00.000Z");
  });

  it("estimates blocks by an anchor, both ways", async () => {
    const anchor = { block: 15_537_394, unixSeconds: 1_663_224_179, secondsPerBlock: 12 };
    assert.equal((await convert({ block: 15_537_404, anchor })).unixSeconds, 1_663_224_299);
    assert.equal((await convert({ time: 1_663_224_179 + 1_199, anchor })).estimatedBlock, 15_537_394 + 99);
    assert.equal((await convert({ time: 0, anchor })).estimatedBlock, 0);
  });

  it("says what is wrong with a time", async () => {
    await assert.rejects(convert({ time: "2026-02-30" }), /2026-02-30 is not in the calendar/);
    await assert.rejects(convert({ time: "2026-03-29T02:30", zone: "Europe/Berlin" }), /the clock skipped 2026-03-29 02:30/);
    await assert.rejects(convert({ time: "soon" }), /"soon" is no time/);
    await assert.rejects(convert({ time: 0, zone: "Mars/Olympus" }), /not an IANA time zone/);
    await assert.rejects(convert({ block: 5 }), /only by an anchor/);
    await assert.rejects(convert({}), /exactly one of time and block/);
  });
});

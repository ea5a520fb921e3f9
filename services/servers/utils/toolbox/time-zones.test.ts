import assert from "node:assert/strict";
import fc from "fast-check";
import { instantsOf, isoInZone, offsetMinutes } from "./time-zones.ts";

const ZONES = ["UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "Pacific/Apia"];

describe("time zones", () => {
  it("have an instant among those of its own wall time", () => {
    const instant = fc.integer({ min: Date.UTC(1975, 0), max: Date.UTC(2037, 0) });
    fc.assert(fc.property(instant, fc.constantFrom(...ZONES), (millis, zone) => {
      assert.ok(instantsOf(millis + offsetMinutes(millis, zone) * 60_000, zone).includes(millis));
      assert.equal(Date.parse(isoInZone(millis, zone)), millis);
    }));
  });

  it("show no instant in a skipped hour and two in a repeated one", () => {
    assert.deepEqual(instantsOf(Date.UTC(2026, 2, 29, 2, 30), "Europe/Berlin"), []);
    assert.deepEqual(instantsOf(Date.UTC(2026, 10, 1, 1, 30), "America/New_York"), [Date.UTC(2026, 10, 1, 5, 30), Date.UTC(2026, 10, 1, 6, 30)]);
  });
});

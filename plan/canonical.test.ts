import assert from "node:assert/strict";
import { cpuText, goDuration } from "./canonical.ts";

describe("a duration", () => {
  for (const [seconds, text] of [[0, "0s"], [5, "5s"], [59, "59s"], [60, "1m0s"], [90, "1m30s"], [3_600, "1h0m0s"], [3_661, "1h1m1s"]] as const) {
    it(`of ${seconds} seconds is ${text}`, () => assert.equal(goDuration(seconds), text));
  }
  for (const wrong of [-1, 1.5, Number.NaN]) {
    it(`is not ${wrong}`, () => assert.throws(() => goDuration(wrong), RangeError));
  }
});

describe("a number of cores", () => {
  for (const [cpus, text] of [[0.1, "0.1"], [0.25, "0.25"], [0.5, "0.5"], [1, "1.0"], [1.5, "1.5"], [2, "2.0"], [10, "10."], [12.5, "12.5"]] as const) {
    it(`of ${cpus} is ${text}`, () => assert.equal(cpuText(cpus), text));
  }
  for (const wrong of [0.05, 30.01, Number.NaN]) {
    it(`is not ${wrong}, which the provider would round`, () => assert.throws(() => cpuText(wrong), RangeError));
  }
});

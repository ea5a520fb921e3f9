import assert from "node:assert/strict";
import { callTool } from "../../../../kit/testing.ts";
import { hashData } from "./hash-data.ts";

const hash = (data: string, algorithm?: string, encoding?: string) =>
  callTool(hashData, null, { data, ...(algorithm ? { algorithm } : {}), ...(encoding ? { encoding } : {}) });

describe("hash_data", () => {
  it("gives the published digests", async () => {
    const published = {
      keccak256: "4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45",
      "sha3-256": "3a985da74fe225b2045c172d6bd390bd855f086e3e9d525b46bfe24511431532",
      sha256: "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
      ripemd160: "8eb208f7e05d987a9b044a8e98c6b087f15a0bfc",
      sha512: "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
      blake2b512: "ba80a53f981c4d0d6a2797b69f12f6e94c212f14685ac4b74b12bb6fdbffa2d17d87c5392aab792dc252d5de4533cc9518d38aa8dbf1925ab92386edd4009923",
    };
    for (const [algorithm, digest] of Object.entries(published)) assert.equal((await hash("abc", algorithm)).hash, `0x${digest}`, algorithm);
    assert.equal((await hash("")).hash, "0xc5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470");
  });

  it("hashes the same bytes alike, however they are written", async () => {
    const answers = await Promise.all([hash("é", "sha256"), hash("0xc3a9", "sha256", "hex"), hash("w6k=", "sha256", "base64")]);
    assert.equal(new Set(answers.map((answer) => answer.hash)).size, 1);
    assert.deepEqual(answers.map((answer) => answer.inputBytes), [2, 2, 2]);
    assert.equal((await hash("0xc3a9", "sha256")).inputBytes, 6, "text unless said otherwise");
  });

  it("refuses what is not in its encoding", async () => {
    await assert.rejects(hash("0xabc", "sha256", "hex"), /not hex: give an even number/);
    await assert.rejects(hash("w6k", "sha256", "base64"), /not padded base64/);
  });
});

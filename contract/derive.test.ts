import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { jwtVerify } from "jose";
import { STORES } from "./access.ts";
import * as derive from "./derive.ts";

const ROOT = "correct horse battery staple";
const KEY = derive.passwordKey(ROOT);

describe("derived secrets", () => {
  it("stay the same for the same root key: a change would lock every running service out", () => {
    assert.equal(KEY, "66xZQ6YbgC2qb-lREQfegoT3LG5uC-tsO_mLZHTk1gs");
    assert.equal(derive.derivePassword(KEY, "redis", "hub"), "Ikvivl-2rvZXf5s8jUlREpCsRfIr3JWIPgMUbBNkoBA");
    assert.equal(derive.publicKey(derive.signingKey(ROOT)), "xag70_hE17tQzPTRZoWzu_liI8A90Y3AazciShkVkzQ");
  });

  it("differ between stores, identities and root keys, and need no escaping", () => {
    const passwords = STORES.flatMap((store) => ["hub", "server:toolbox", "server-toolbox"].flatMap((identity) =>
      [KEY, derive.passwordKey("another")].map((key) => derive.derivePassword(key, store, identity))));
    assert.equal(new Set(passwords).size, STORES.length * 6);
    for (const password of passwords) assert.match(password, /^[A-Za-z0-9_-]{43}$/);
  });

  it("give keys that do not reveal each other: one purpose, one key", () => {
    assert.notEqual(derive.deriveKey(ROOT, "a"), derive.deriveKey(ROOT, "b"));
    assert.equal(Buffer.from(derive.deriveKey(ROOT, "a"), "base64url").length, 32);
  });

  it("hash a password as RabbitMQ checks it", () => {
    const bytes = Buffer.from(derive.rabbitmqHash(KEY, "hub"), "base64");
    const expected = createHash("sha256").update(bytes.subarray(0, 4)).update(derive.derivePassword(KEY, "rabbitmq", "hub")).digest();
    assert.deepEqual(bytes.subarray(4), expected);
    assert.equal(derive.rabbitmqHash(KEY, "hub"), bytes.toString("base64"));
  });

  it("make a SCRAM verifier in PostgreSQL's form", () => {
    const verifier = derive.scramVerifier(KEY, "hub");
    assert.match(verifier, /^SCRAM-SHA-256\$4096:[A-Za-z0-9+/]{22}==\$[A-Za-z0-9+/]{43}=:[A-Za-z0-9+/]{43}=$/);
    assert.equal(verifier, derive.scramVerifier(KEY, "hub"));
    assert.notEqual(verifier, derive.scramVerifier(KEY, "operator"));
  });
});

describe("tokens", () => {
  const claims = { sub: "hub", role: "service", aud: ["*"] };
  const privateKey = derive.signingKey(ROOT);
  const key = derive.parsePublicKey(derive.publicKey(privateKey));
  const token = derive.signJwt(claims, privateKey);

  it("are accepted by an implementation that is not ours", async () => {
    assert.deepEqual((await jwtVerify(token, key, { algorithms: ["EdDSA"] })).payload, claims);
  });

  it("do not change between runs", () => assert.equal(derive.signJwt(claims, privateKey), token));

  it("are read back by the public key", () => assert.deepEqual(derive.verifyJwt(token, key), claims));

  it("are refused when anything about them is wrong", () => {
    const [header, , signature] = token.split(".");
    const admin = Buffer.from(JSON.stringify({ ...claims, role: "admin" })).toString("base64url");
    const none = Buffer.from(JSON.stringify({ alg: "none" })).toString("base64url");
    for (const forged of [
      `${header}.${admin}.${signature}`, `${none}.${admin}.`, `${token}.x`, "", "a.b.c",
      derive.signJwt(claims, derive.signingKey("another")),
    ]) assert.equal(derive.verifyJwt(forged, key), null, forged);
  });
});

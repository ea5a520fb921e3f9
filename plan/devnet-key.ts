/**
 * Keys of the local chain's accounts, from the mnemonic that anvil makes them from and everybody knows (BIP-32, BIP-39,
 * BIP-44). By hand: viem's way takes a second of every `pulumi up`.
 */
import { createECDH, createHmac, pbkdf2Sync } from "node:crypto";

const MNEMONIC = "test test test test test test test test test test test junk";
/** Order of secp256k1 (SEC 2, section 2.4.1). */
const ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
const HARDENED = 0x8000_0000;
const ETHEREUM_PATH = [44 + HARDENED, 60 + HARDENED, HARDENED, 0];
/** Of the executor's owner, as images/infrastructure/devnet/market/build.ts deploys it. */
const EXECUTOR_OWNER = 7;

interface Node { key: bigint; chainCode: Buffer }

const bytesOf = (key: bigint): Buffer => Buffer.from(key.toString(16).padStart(64, "0"), "hex");

function split(digest: Buffer): [left: bigint, chainCode: Buffer] {
  return [BigInt(`0x${digest.toString("hex", 0, 32)}`), digest.subarray(32)];
}

function child({ key, chainCode }: Node, index: number): Node {
  const at = Buffer.alloc(4);
  at.writeUInt32BE(index);
  const own = index >= HARDENED ? Buffer.concat([Buffer.alloc(1), bytesOf(key)]) : publicKeyOf(key);
  const [left, next] = split(createHmac("sha512", chainCode).update(own).update(at).digest());
  return { key: (left + key) % ORDER, chainCode: next };
}

function publicKeyOf(key: bigint): Buffer {
  const curve = createECDH("secp256k1");
  curve.setPrivateKey(bytesOf(key));
  return curve.getPublicKey(null, "compressed");
}

/** 64 hexadecimal digits: key of the account that owns the executor on the local chain, and on no other. */
export function executorOwnerKey(): string {
  const [key, chainCode] = split(createHmac("sha512", "Bitcoin seed").update(pbkdf2Sync(MNEMONIC, "mnemonic", 2_048, 64, "sha512")).digest());
  return bytesOf([...ETHEREUM_PATH, EXECUTOR_OWNER].reduce(child, { key, chainCode }).key).toString("hex");
}

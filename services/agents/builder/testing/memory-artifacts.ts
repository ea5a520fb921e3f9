import type { ArtifactStore, NewArtifact, StoredArtifact } from "../artifacts/artifact-store.ts";

/** Artifacts in memory, for tests of the actions. */
export class MemoryArtifacts implements ArtifactStore {
  readonly stored = new Map<string, StoredArtifact>();

  async put(_tx: unknown, artifact: NewArtifact, taskId: string): Promise<boolean> {
    if (this.stored.has(artifact.hash)) return false;
    this.stored.set(artifact.hash, { ...artifact, taskId, sizeBytes: Buffer.byteLength(artifact.content), createdAt: "2026-01-02T03:04:05.000Z" });
    return true;
  }

  async get(hash: string): Promise<StoredArtifact | null> {
    return this.stored.get(hash) ?? null;
  }
}

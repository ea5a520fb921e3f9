/** Versioned SQL of the schemas that agents own. */
export { migrate, readMigrations } from "../../hub/database/migrations.ts";

/** Version of the whole system, as services register it; a test holds it against package.json. */
export const VERSION = "0.1.0";
